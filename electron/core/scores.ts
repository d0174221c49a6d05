/** @file From logits to ranked scores. Pure arithmetic. */

export interface RankedScore {
  /** Index into the model's categories, 0-based. */
  index: number;
  /** Calibrated softmax score in [0, 1]. */
  score: number;
}

/**
 * Softmax over one row of logits.
 *
 * @param logits       shape [C], any real numbers
 * @param temperature  > 0; logits are divided by it first (Guo et al. 2017, temperature scaling)
 * @returns            shape [C], each in [0, 1], summing to 1 (±1e-6 in float32)
 */
export function softmax(logits: Float32Array, temperature = 1): Float32Array {
  // Shift by the maximum so that exp() cannot overflow; the result is unchanged.
  let max = -Infinity;
  for (const logit of logits) max = Math.max(max, logit);

  const scores = new Float32Array(logits.length);
  let sum = 0;
  for (let index = 0; index < logits.length; index++) {
    const value = Math.exp((logits[index]! - max) / temperature);
    scores[index] = value;
    sum += value;
  }
  for (let index = 0; index < scores.length; index++) scores[index]! /= sum;
  return scores;
}

/**
 * A sigmoid for each logit: how sure each category is by itself.
 *
 * @param logits       shape [C]
 * @param temperature  > 0; logits are divided by it first
 * @returns            shape [C], each in [0, 1]
 */
export function sigmoids(logits: Float32Array, temperature = 1): Float32Array {
  return logits.map((logit) => 1 / (1 + Math.exp(-logit / temperature)));
}

/**
 * Calibrate scores that the graph has already put through softmax: p^(1/T), renormalized.
 * Equal to `softmax(logits, T)`, because softmax only loses a constant shift of the logits.
 *
 * @param scores  shape [C], each in [0, 1]
 */
export function temper(scores: Float32Array, temperature: number): Float32Array {
  return temperature === 1
    ? scores
    : softmax(
        scores.map((score) => Math.log(Math.max(score, 1e-12))),
        temperature,
      );
}

/**
 * The `k` best scores, best first. Ties keep category order, so exports are reproducible.
 *
 * @param scores  shape [C]
 * @param k       how many to keep; `k > C` returns all C
 */
export function topK(scores: Float32Array, k: number): RankedScore[] {
  // Kept sorted while walking: sorting all of C would cost more than the rest for models with many categories.
  const best: RankedScore[] = [];
  for (let index = 0; index < scores.length; index++) {
    const score = scores[index]!;
    if (best.length >= k && !(score > (best.at(-1)?.score ?? Infinity))) continue;
    let place = best.length;
    while (place > 0 && best[place - 1]!.score < score) place--;
    best.splice(place, 0, { index, score });
    if (best.length > k) best.pop();
  }
  return best;
}

/** Top-1 minus top-2 score, in [0, 1]; the smaller, the less sure. One category alone is sure. */
export function margin(ranked: readonly RankedScore[]): number {
  return (ranked[0]?.score ?? 0) - (ranked[1]?.score ?? 0);
}

/** A parent category and the summed score of all leaves below it. */
export interface ParentScore {
  /** For example 'animal/mammal'. */
  name: string;
  /** In [0, 1]. */
  score: number;
}

/**
 * When the best leaf is unsure, the most specific parent that is not.
 *
 * @param scores  shape [C]
 * @param paths   shape [C]: the parents of each category from the root down, possibly empty
 * @param sure    a leaf or parent with at least this score counts as sure, in [0, 1]
 * @returns       undefined when the leaf is sure, or no parent is
 */
export function sureParent(
  scores: Float32Array,
  paths: readonly (readonly string[])[],
  sure: number,
): ParentScore | undefined {
  const best = topK(scores, 1)[0];
  if (!best || best.score >= sure) return undefined;

  const sums = new Map<string, number>();
  paths.forEach((path, index) => {
    for (let depth = 1; depth <= path.length; depth++) {
      const name = path.slice(0, depth).join('/');
      sums.set(name, (sums.get(name) ?? 0) + scores[index]!);
    }
  });
  const candidates = [...sums].filter(([, score]) => score >= sure);
  const [deepest] = candidates.sort((a, b) => b[0].split('/').length - a[0].split('/').length || b[1] - a[1]);
  return deepest && { name: deepest[0], score: Math.min(1, deepest[1]) };
}
