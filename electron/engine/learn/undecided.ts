/** @file What undecided pictures teach: each is taken for what it and those like it seem to be, as far as that is sure. */
import type { Examples, Matrix, Multiplier } from './head-model.ts';
import { logitsOf, type LogisticParameters } from './logistic.ts';
import { neighbourGraph, spreadLabels } from './neighbour-graph.ts';
import { scoresOf } from './predict.ts';

/** What a picture that is surely of one category counts, against a decided one. From 0.1 to 1 the same to a point. */
const sureWeight = 0.3;
/**
 * Examples of each category that all undecided pictures taken for it count as at most: what people decide outweighs
 * them soon, whatever else is in a library.
 */
const categoryLimit = 4;
/** Pictures times categories; of more, decided pictures alone are learned from, or it would take seconds. */
const workLimit = 500_000;

export interface Undecided {
  /** Shape [M, K]. */
  features: Matrix;
  /**
   * @param examples  some or all of those it was opened with; the others count as undecided, too
   * @param head      learned from them alone
   * @returns         for each of the undecided pictures the place of a category, and how much that counts, in [0, 1)
   */
  guess(examples: Examples, head: LogisticParameters): Promise<{ labels: Int32Array; weights: Float32Array }>;
}

/**
 * @param features  shape [M, K]: undecided pictures, a thousand are plenty
 * @returns         undefined where it would take too long, or there are none
 */
export async function openUndecided(
  { imageIds, features: decided, categoryIds }: Examples,
  features: Matrix,
  multiplier: Multiplier,
): Promise<Undecided | undefined> {
  const rows = decided.rows + features.rows;
  if (features.rows === 0 || rows * categoryIds.length > workLimit) return undefined;
  const values = new Float32Array(rows * features.width);
  values.set(decided.values);
  values.set(features.values, decided.values.length);
  const graph = await neighbourGraph({ values, rows, width: features.width }, multiplier);
  const places = new Map(Array.from(imageIds, (imageId, place) => [imageId, place]));

  return {
    features,
    async guess(examples, head) {
      const count = examples.categoryIds.length;
      const known = new Int32Array(rows).fill(-1);
      examples.imageIds.forEach((imageId, row) => (known[places.get(imageId)!] = examples.labels[row]![0]!));
      const heard = spreadLabels(graph, known, count);
      const logits = await logitsOf(features, head, multiplier);
      const { values: scores } = scoresOf(logits, { temperature: 1, multiLabel: false });
      const labels = new Int32Array(features.rows);
      const weights = new Float32Array(features.rows);
      const sums = new Float64Array(count);
      for (let row = 0; row < features.rows; row++) {
        const from = (decided.rows + row) * count;
        let [first, second, sum, best] = [0, 0, 0, 0];
        for (let category = 0; category < count; category++) {
          const belief = heard.values[from + category]! * Math.sqrt(scores[row * count + category]!);
          sum += belief;
          if (belief > first) [first, second, best] = [belief, first, category];
          else if (belief > second) second = belief;
        }
        labels[row] = best;
        weights[row] = sum > 0 ? (sureWeight * (first - second)) / sum : 0;
        sums[best]! += weights[row]!;
      }
      const shares = sums.map((weight) => Math.min(1, categoryLimit / weight));
      labels.forEach((category, row) => (weights[row]! *= shares[category]!));
      return { labels, weights };
    },
  };
}
