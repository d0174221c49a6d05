/** @file Antialiased resizing by its definition: in floating point, pixel by pixel, slow. For comparing with. */
import type { ResizePlan } from '../../electron/core/resize-plan.ts';

/** Source: Pillow src/libImaging/Resample.c, `bilinear_filter` and `bicubic_filter` (a = −0.5). */
const filters = {
  linear: { support: 1, weight: (x: number) => Math.max(0, 1 - Math.abs(x)) },
  cubic: {
    support: 2,
    weight: (signed: number) => {
      const x = Math.abs(signed);
      if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
      return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
    },
  },
};

/** For each of `count` pixels from `from` on: which pixels it mixes, and how. */
function mixes(size: number, resized: number, from: number, count: number, kernel: 'linear' | 'cubic') {
  const scale = size / resized;
  const { support, weight } = filters[kernel];
  // Shrinking widens the kernel, enlarging does not narrow it.
  const width = Math.max(1, scale);
  return Array.from({ length: count }, (_, index) => {
    const middle = (from + index + 0.5) * scale;
    const first = Math.max(0, Math.floor(middle - support * width + 0.5));
    const last = Math.min(size, Math.floor(middle + support * width + 0.5));
    const weights = Array.from({ length: last - first }, (_, at) => weight((first + at + 0.5 - middle) / width));
    const sum = weights.reduce((total, value) => total + value, 0);
    return { first, weights: weights.map((value) => value / sum) };
  });
}

/**
 * @param rgb  shape [height, width, 3], 0–255
 * @returns    shape [plan.crop.height, plan.crop.width, 3], 0–255; rows are rounded before columns are mixed, as Pillow
 *             does it
 */
export function resampled(
  rgb: Uint8Array,
  { width, height }: { width: number; height: number },
  plan: ResizePlan,
  kernel: 'linear' | 'cubic',
): Uint8Array {
  const { crop } = plan;
  const columns = mixes(width, plan.width, crop.left, crop.width, kernel);
  const rows = mixes(height, plan.height, crop.top, crop.height, kernel);
  const narrow = new Uint8Array(height * crop.width * 3);
  for (let y = 0; y < height; y++) {
    columns.forEach(({ first, weights }, x) => {
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0;
        for (let at = 0; at < weights.length; at++) {
          sum += weights[at]! * rgb[(y * width + first + at) * 3 + channel]!;
        }
        narrow[(y * crop.width + x) * 3 + channel] = toByte(sum);
      }
    });
  }
  const small = new Uint8Array(crop.height * crop.width * 3);
  rows.forEach(({ first, weights }, y) => {
    for (let index = 0; index < crop.width * 3; index++) {
      let sum = 0;
      for (let at = 0; at < weights.length; at++) sum += weights[at]! * narrow[(first + at) * crop.width * 3 + index]!;
      small[y * crop.width * 3 + index] = toByte(sum);
    }
  });
  return small;
}

/** Halves go up. */
function toByte(value: number): number {
  return Math.min(255, Math.max(0, Math.floor(value + 0.5)));
}
