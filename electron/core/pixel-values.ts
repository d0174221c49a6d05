/** @file Decoded bytes to the tensor a vision model expects. */
import { AppError } from './errors.ts';
import type { Preprocess } from './preprocess.ts';

/** Shape [N, 3, H, W] or [N, H, W, 3]. */
export type PixelValues = Float32Array | Uint8Array;

export interface PixelFormat extends Pick<Preprocess, 'channels' | 'mean' | 'std'> {
  /** 'uint8' takes the bytes as they are: `mean` and `std` have no say. */
  type: 'float32' | 'uint8';
  layout: 'NCHW' | 'NHWC';
}

/**
 * Puts one picture into a tensor.
 *
 * @param rgb     shape [H, W, 3], row-major, 0–255, no alpha
 * @param target  of the format's type and layout
 * @param row     which of the N rows to fill
 * @throws {AppError} 'image.unreadable' if `rgb` is not exactly one row of `target`
 */
export type PixelWriter = (rgb: Uint8Array, target: PixelValues, row: number) => void;

/** What each byte becomes in each channel of the tensor, 3 × 256, so that normalizing is a look-up. */
function valueTable({ type, mean, std }: PixelFormat): PixelValues {
  if (type === 'uint8') return Uint8Array.from({ length: 3 * 256 }, (_, index) => index % 256);
  const table = new Float32Array(3 * 256);
  for (let channel = 0; channel < 3; channel++) {
    for (let byte = 0; byte < 256; byte++) {
      table[channel * 256 + byte] = (byte / 255 - mean[channel]!) / std[channel]!;
    }
  }
  return table;
}

/** Source: torchvision ImageClassification preset — (x / 255 − mean) / std. */
export function pixelWriter(format: PixelFormat): PixelWriter {
  const table = valueTable(format);
  const planar = format.layout === 'NCHW';
  const [first, last] = format.channels === 'rgb' ? [0, 2] : [2, 0];

  return (rgb, target, row) => {
    const plane = rgb.length / 3;
    const start = row * rgb.length;
    if (!Number.isInteger(plane) || start + rgb.length > target.length) {
      throw new AppError('image.unreadable', `${rgb.length} bytes of RGB do not fit row ${row} of the input tensor`);
    }
    const pixelStep = planar ? 1 : 3;
    const channelStep = planar ? plane : 1;
    for (let byte = 0, at = start; byte < rgb.length; byte += 3, at += pixelStep) {
      target[at] = table[rgb[byte + first]!]!;
      target[at + channelStep] = table[256 + rgb[byte + 1]!]!;
      target[at + 2 * channelStep] = table[512 + rgb[byte + last]!]!;
    }
  };
}

/** @returns zeros for `length` values */
export function allocateValues(type: PixelFormat['type'], length: number): PixelValues {
  return type === 'uint8' ? new Uint8Array(length) : new Float32Array(length);
}
