/**
 * @file 64 bits of what a picture looks like, equal or nearly so for copies in another size, quality or brightness.
 *
 * Source of the idea: the DCT hash known as pHash (Zauner 2010, "Implementation and Benchmarking of Perceptual Image Hash
 * Functions"): the low frequencies of a small grey copy, each above or below their median.
 */

/** Side of the grey copy. */
const side = 32;
/** Side of the block of low frequencies. */
const frequencies = 8;

/** cos((2x + 1) u π / 2N), by [u][x]; u from 1, for the constant ones are only brightness. */
const cosines = Array.from({ length: frequencies }, (_, u) =>
  Float64Array.from({ length: side }, (_, x) => Math.cos(((2 * x + 1) * (u + 1) * Math.PI) / (2 * side))),
);

/**
 * @param rgb  shape [height, width, 3], 0–255
 * @returns    8 bytes; the same ones of every picture without any lines
 */
export function perceptualHash(rgb: Uint8Array, width: number, height: number): Uint8Array {
  const grey = greyCopy(rgb, width, height);
  const rows = cosines.map((cosine) =>
    Float64Array.from({ length: side }, (_, y) => {
      let sum = 0;
      for (let x = 0; x < side; x++) sum += grey[y * side + x]! * cosine[x]!;
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

/** Means of equal parts, red, green and blue alike, of every other line: that is two thirds of the time, and copies are told as well. */
function greyCopy(rgb: Uint8Array, width: number, height: number): Float64Array {
  const grey = new Float64Array(side * side);
  const bounds = (length: number) => Int32Array.from({ length: side + 1 }, (_, at) => Math.floor((at * length) / side));
  const [columns, lines] = [bounds(width), bounds(height)];
  for (let y = 0; y < side; y++) {
    const [top, bottom] = [lines[y]!, Math.max(lines[y]! + 1, lines[y + 1]!)];
    for (let x = 0; x < side; x++) {
      const [left, right] = [columns[x]!, Math.max(columns[x]! + 1, columns[x + 1]!)];
      let sum = 0;
      for (let line = top; line < bottom; line += 2) {
        const end = (line * width + right) * 3;
        for (let at = (line * width + left) * 3; at < end; at++) sum += rgb[at]!;
      }
      grey[y * side + x] = sum / (((bottom - top + 1) >> 1) * (right - left));
    }
  }
  return grey;
}
