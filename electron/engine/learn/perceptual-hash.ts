/**
 * @file 64 bits of what a picture looks like, equal or nearly so for copies in another size, quality or brightness.
 *
 * Source of the idea: the DCT hash known as pHash (Zauner 2010, "Implementation and Benchmarking of Perceptual Image Hash
 * Functions"): the low frequencies of a small grey copy, each above or below their median.
 */
import { bitCount } from './bits.ts';

/** Side of the grey copy. */
export const hashSide = 32;
/** Side of the block of low frequencies. */
const frequencies = 8;

/** cos((2x + 1) u π / 2N), by [u][x]. */
const cosines = Array.from({ length: frequencies }, (_, u) =>
  Float64Array.from({ length: hashSide }, (_, x) => Math.cos(((2 * x + 1) * (u + 1) * Math.PI) / (2 * hashSide))),
);

/**
 * The lowest frequencies without the constant one, which is only brightness.
 *
 * @param grey  shape [32, 32], 0–255
 * @returns     8 bytes
 */
export function perceptualHash(grey: Uint8Array): Uint8Array {
  const rows = cosines.map((cosine) =>
    Float64Array.from({ length: hashSide }, (_, y) => {
      let sum = 0;
      for (let x = 0; x < hashSide; x++) sum += grey[y * hashSide + x]! * cosine[x]!;
      return sum;
    }),
  );
  const values = cosines.flatMap((cosine) =>
    rows.map((row) => row.reduce((sum, value, y) => sum + value * cosine[y]!, 0)),
  );
  const sorted = values.toSorted((a, b) => a - b);
  const median = (sorted[31]! + sorted[32]!) / 2;
  const bits = new Uint8Array(8);
  values.forEach((value, at) => {
    if (value > median) bits[at >> 3]! |= 1 << (at & 7);
  });
  return bits;
}

/** @returns bits that differ, 0 to 64 */
export function hammingDistance(a: Uint8Array, b: Uint8Array): number {
  let distance = 0;
  for (let at = 0; at < 8; at++) distance += bitCount(a[at]! ^ b[at]!);
  return distance;
}
