/** @file Decoded bytes to the tensor a vision model expects. */
import { AppError } from './errors.ts';

export interface Normalization {
  /** Per channel, in 0–1 units, R G B order. */
  mean: readonly [number, number, number];
  /** Per channel, in 0–1 units, R G B order. */
  std: readonly [number, number, number];
}

/** For each channel the value of each byte: 3 × 256 float32, so that normalizing is a look-up. */
export function normalizationTable({ mean, std }: Normalization): Float32Array {
  const table = new Float32Array(3 * 256);
  for (let channel = 0; channel < 3; channel++) {
    for (let byte = 0; byte < 256; byte++) {
      table[channel * 256 + byte] = (byte / 255 - mean[channel]!) / std[channel]!;
    }
  }
  return table;
}

/**
 * Normalize interleaved sRGB bytes into one planar row of `pixel_values`.
 *
 * @param rgb     shape [H, W, 3], row-major, 0–255, no alpha
 * @param table   from {@link normalizationTable}
 * @param target  float32, shape [N, 3, H, W]
 * @param row     which of the N rows to fill
 * @throws {AppError} 'image.unreadable' if `rgb` is not exactly one row of `target`
 *
 * Source: torchvision ImageClassification preset — (x / 255 − mean) / std.
 */
export function writePixelValues(rgb: Uint8Array, table: Float32Array, target: Float32Array, row: number): void {
  const plane = rgb.length / 3;
  const start = row * rgb.length;
  if (!Number.isInteger(plane) || start + rgb.length > target.length) {
    throw new AppError('image.unreadable', `${rgb.length} bytes of RGB do not fit row ${row} of the input tensor`);
  }
  for (let pixel = 0, byte = 0; pixel < plane; pixel++) {
    target[start + pixel] = table[rgb[byte++]!]!;
    target[start + plane + pixel] = table[256 + rgb[byte++]!]!;
    target[start + 2 * plane + pixel] = table[512 + rgb[byte++]!]!;
  }
}
