/** @file From figures to places in a plot. */

/** Round steps from 0 to at least `most`: 1, 2 or 5 times a power of ten. @returns places of ticks, the last one ≥ `most` */
export function ticks(most: number, wanted = 4): number[] {
  if (!(most > 0)) return [0, 1];
  const rough = most / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough)!;
  // Pictures come whole.
  const whole = Math.max(1, step);
  return Array.from({ length: Math.ceil(most / whole) + 1 }, (_, index) => index * whole);
}

/** The area of a plot within its picture, in its own units. */
export interface Area {
  width: number;
  height: number;
  left: number;
  top: number;
  /** Of the area for marks. */
  innerWidth: number;
  innerHeight: number;
}

export function area(width: number, height: number, { left = 44, right = 12, top = 10, bottom = 26 } = {}): Area {
  return { width, height, left, top, innerWidth: width - left - right, innerHeight: height - top - bottom };
}
