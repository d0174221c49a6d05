/** @file Counting bits. */

/** @param value  a whole number of up to 32 bits; @returns how many of them are set */
export function bitCount(value: number): number {
  let left = value - ((value >>> 1) & 0x55555555);
  left = (left & 0x33333333) + ((left >>> 2) & 0x33333333);
  return (((left + (left >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}
