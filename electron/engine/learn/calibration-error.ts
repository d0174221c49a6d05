/** @file How far scores are from how often they are right. */

/**
 * @param scores  shape [N], in [0, 1]
 * @param right   shape [N], 0 or 1
 * @returns       expected calibration error in [0, 1]; 0 for nothing
 *
 * Source: Guo et al. 2017, On calibration of modern neural networks, eq. 3.
 */
export function calibrationError(scores: ArrayLike<number>, right: ArrayLike<number>, binCount = 10): number {
  const gaps = new Float64Array(binCount);
  for (let at = 0; at < scores.length; at++) {
    const bin = Math.min(binCount - 1, Math.floor(scores[at]! * binCount));
    gaps[bin]! += scores[at]! - right[at]!;
  }
  return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / Math.max(1, scores.length);
}
