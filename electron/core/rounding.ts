/** @file Rounding as Python's `round` and C's `rint` do it. */

/** Halves go to the even neighbour: 2.5 → 2, 3.5 → 4. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
