/** @file How undecided scores are. Pure arithmetic. */
import type { Matrix } from './head-model.ts';

/**
 * Shannon's entropy of each row, as a share of the most it could be.
 *
 * @param scores  shape [N, C], each row adding up to 1
 * @returns       shape [N], in [0, 1]: 0 for certainty, 1 when all categories are alike
 */
export function entropies({ values, rows, width }: Matrix): Float32Array {
  const most = Math.log(Math.max(2, width));
  return Float32Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (let at = row * width; at < (row + 1) * width; at++) {
      const score = values[at]!;
      if (score > 0) sum -= score * Math.log(score);
    }
    return Math.min(1, sum / most);
  });
}
