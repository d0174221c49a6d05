/** @file How undecided scores are. Pure arithmetic. */

/**
 * Shannon's entropy; what the scores leave of 1 counts as one more category.
 *
 * @param scores  in [0, 1], adding up to 1 at most
 * @returns       in nats: 0 for certainty
 */
export function entropyOf(scores: readonly number[]): number {
  let sum = 0;
  let left = 1;
  for (const score of scores) {
    left -= score;
    if (score > 0) sum -= score * Math.log(score);
  }
  return left > 1e-6 ? sum - left * Math.log(left) : sum;
}
