/** @file Accuracy and calibration of a list of answers. Pure arithmetic. */

/** One picture with a known category. */
export interface Judged {
  /** Of the best label, in [0, 1]. */
  score: number;
  /** Rank of the right label, 0-based; -1 when it is not among the answers. */
  place: number;
}

export interface Measured {
  n: number;
  /** Shares in [0, 1]. */
  top1: number;
  top5: number;
  /** Expected calibration error: mean distance of score and accuracy over bins of equal width, by size of bin. */
  calibrationError: number;
}

/** Source of the calibration error: Guo et al. 2017, On Calibration of Modern Neural Networks, eq. 3, M = 15. */
export function measure(judged: readonly Judged[], bins = 15): Measured {
  const n = judged.length;
  const share = (count: number) => (n === 0 ? 0 : count / n);
  let calibrationError = 0;
  for (let bin = 0; bin < bins; bin++) {
    const inBin = judged.filter(({ score }) => Math.min(bins - 1, Math.floor(score * bins)) === bin);
    const scores = inBin.reduce((sum, { score }) => sum + score, 0);
    const right = inBin.filter(({ place }) => place === 0).length;
    calibrationError += share(Math.abs(scores - right));
  }
  return {
    n,
    top1: share(judged.filter(({ place }) => place === 0).length),
    top5: share(judged.filter(({ place }) => place >= 0 && place < 5).length),
    calibrationError,
  };
}
