/**
 * @file Decisions that are probably slips, by confident learning.
 *
 * Source: Northcutt, Jiang, Chuang 2021, "Confident Learning: Estimating Uncertainty in Dataset Labels": a category's
 * threshold is the mean score of those decided to be it; a picture that reaches the threshold of another category counts
 * for that one. Ranked by normalised margin, which finds more than the flag alone.
 */
import type { Matrix } from './head-model.ts';

export interface Suspects {
  /** Shape [N]: rows, the likeliest slip first. */
  order: Int32Array;
  /** Shape [N]: 1 for a row that another category claims. */
  flagged: Uint8Array;
}

/**
 * @param scores  shape [N, C]: of each decided picture by a head that was not fitted to it
 * @param labels  shape [N]: what was decided, as a column of `scores`
 */
export function suspects(scores: Matrix, labels: ArrayLike<number>): Suspects {
  const { values, rows, width } = scores;
  const sums = new Float64Array(width);
  const counts = new Float64Array(width);
  for (let row = 0; row < rows; row++) {
    const label = labels[row]!;
    sums[label]! += values[row * width + label]!;
    counts[label]!++;
  }
  const thresholds = sums.map((sum, category) => (counts[category]! > 0 ? sum / counts[category]! : Infinity));
  const flagged = new Uint8Array(rows);
  const margins = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const label = labels[row]!;
    let most = 0;
    let claimed = -1;
    for (let category = 0; category < width; category++) {
      const score = values[row * width + category]!;
      if (category !== label) most = Math.max(most, score);
      if (score >= thresholds[category]! && (claimed < 0 || score > values[row * width + claimed]!)) claimed = category;
    }
    flagged[row] = claimed >= 0 && claimed !== label ? 1 : 0;
    margins[row] = values[row * width + label]! - most;
  }
  const order = Int32Array.from({ length: rows }, (_, row) => row);
  order.sort((a, b) => margins[a]! - margins[b]! || a - b);
  return { order, flagged };
}
