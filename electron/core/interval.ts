/** @file How far a share that was counted may be from the true one. */
import type { Interval } from './learn.ts';

/** Quantile of the normal distribution for 95 %, both sides. */
const z95 = 1.959963984540054;

/**
 * Score interval of a share, 95 %: unlike the textbook's it stays inside [0, 1] and holds with few pictures.
 *
 * @param correct  0 to `total`; need not be whole, for means of shares
 * @param total    pictures; 0 says nothing: value 0, from 0 to 1
 *
 * Source: Wilson 1927, Probable inference, the law of succession, and statistical inference.
 */
export function wilson(correct: number, total: number): Interval {
  if (total <= 0) return { value: 0, low: 0, high: 1 };
  const value = correct / total;
  const square = z95 * z95;
  const centre = (value + square / (2 * total)) / (1 + square / total);
  const half = (z95 / (1 + square / total)) * Math.sqrt((value * (1 - value)) / total + square / (4 * total * total));
  // Exact at the ends, where rounding would leave the share itself outside.
  return {
    value,
    low: correct <= 0 ? 0 : Math.min(value, Math.max(0, centre - half)),
    high: correct >= total ? 1 : Math.max(value, Math.min(1, centre + half)),
  };
}
