/** @file An opened picture to the model's input rectangle, by the rules of the library the model was trained with. */
import type { Sharp } from 'sharp';
import { AppError } from '#core/errors.ts';
import type { Preprocess, ResizeKernel } from '#core/preprocess.ts';
import { resizePlan, type ResizePlan } from '#core/resize-plan.ts';
import { maxPixels, throwImageError, type OpenPicture } from './decode.ts';
import { storedArea, turnOf } from './orientation.ts';
import { pixelBudget } from './pixel-budget.ts';
import { sampleCrop, sampledArea } from './sample.ts';

/** Longest side after resizing, pixels; libvips' affine fails a little above 32,767. */
const maxResizedSide = 32_768;

/**
 * Pictures that lie in memory at full size, 3 bytes a pixel: all decoders together hold as many pixels as one picture
 * may have.
 */
const fullSize = pixelBudget(maxPixels);

export interface CropOptions {
  /** Where the pixels go, shape [cropHeight, cropWidth, 3]; a new array if nothing is given. */
  target?: Uint8Array;
  /** Given the whole resized picture, before the crop, if there is one: shape [height, width, 3], upright, sRGB. */
  onResized?: (rgb: Buffer, width: number, height: number) => void;
}

/**
 * The model's input rectangle.
 *
 * @returns  the target: sRGB, 0–255
 * @throws {AppError} 'image.extreme-shape', 'image.damaged', 'image.too-large', 'image.timeout'
 */
export async function decodeCrop(
  picture: OpenPicture,
  preprocess: Preprocess,
  { target = new Uint8Array(preprocess.cropWidth * preprocess.cropHeight * 3), onResized }: CropOptions = {},
): Promise<Uint8Array> {
  const { width, height } = picture;
  const plan = resizePlan(width, height, preprocess);
  if (Math.max(plan.width, plan.height) > maxResizedSide) {
    throw new AppError('image.extreme-shape', `${width} × ${height} pixels are too long and thin to label`);
  }
  if (preprocess.antialias) {
    const rgb = await resized(picture, plan, preprocess.kernel);
    crop(rgb, plan, target);
    onResized?.(rgb, plan.width, plan.height);
  } else {
    await fullSize(width * height, () => sampled(picture, plan, target));
  }
  return target;
}

/**
 * libvips' kernels widen as they shrink, like those of Pillow, torchvision and timm. From a factor of four on it shrinks
 * by a whole factor first, which is fast and costs up to a level of 255 on average, most often a third of one.
 */
function resized(picture: OpenPicture, plan: ResizePlan, kernel: ResizeKernel): Promise<Buffer> {
  const { width, height } = picture;
  const size = { width: plan.width, height: plan.height, fit: 'fill', kernel, fastShrinkOnLoad: false } as const;
  if (!bendsOnLoad(picture, plan)) return toRgb(picture.upright().resize(size));
  // With anything cut out, be it the whole picture, sharp does not shrink on load. Turned ones then lie in memory whole.
  return fullSize(width * height, () =>
    toRgb(picture.upright().extract({ left: 0, top: 0, width, height }).resize(size)),
  );
}

/**
 * Even without `fastShrinkOnLoad` sharp lets the JPEG decoder shrink, and only leaves the last factor of two to the
 * kernel. That is fast and close, unless the sides are no multiples of the shrink: what is rounded up then bends the
 * picture by a part of a pixel, in 2048 × 1365 by more than a level of every value.
 *
 * Source: sharp/src/pipeline.cc, `jpegShrinkOnLoad`.
 */
function bendsOnLoad({ format, width, height }: OpenPicture, plan: ResizePlan): boolean {
  if (format !== 'jpeg') return false;
  const shrink = Math.min(width / plan.width, height / plan.height);
  const onLoad = shrink >= 16 ? 8 : shrink >= 8 ? 4 : shrink >= 4 ? 2 : 1;
  return width % onLoad !== 0 || height % onLoad !== 0;
}

/**
 * Without antialias a pixel is a mix of single pixels of the original, so nothing may shrink the picture before, not
 * even the JPEG decoder: its mean of 2 × 2 pixels is none of them. Nor is it turned before: that would take a second
 * picture in memory, and three times as long. Columns and rows that no sample touches are left out, but for the rows
 * below the crop: they have to be decoded, or a picture that ends early would pass for a whole one.
 */
async function sampled(picture: OpenPicture, plan: ResizePlan, crop: Uint8Array): Promise<void> {
  const { width, height, orientation } = picture;
  const size = { width, height };
  const turn = turnOf(orientation);
  const area = storedArea(sampledArea(size, plan), size, turn);
  area.height = (turn.swapped ? width : height) - area.top;
  sampleCrop(await toRgb(picture.stored().extract(area)), area, size, turn, plan, crop);
}

/** @returns interleaved, 8 bits a channel */
async function toRgb(pipeline: Sharp): Promise<Buffer> {
  const { data, info } = await pipeline
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch(throwImageError);
  if (info.channels !== 3) throw new AppError('image.unsupported', `${String(info.channels)} channels after decoding`);
  return data;
}

/**
 * Cut out here, not by libvips: that would stop decoding below the crop, and a picture whose rest is missing would
 * pass for a whole one.
 */
function crop(rgb: Uint8Array, { width, crop: { left, top, ...size } }: ResizePlan, target: Uint8Array): void {
  for (let row = 0; row < size.height; row++) {
    const start = ((top + row) * width + left) * 3;
    target.set(rgb.subarray(start, start + size.width * 3), row * size.width * 3);
  }
}
