/** @file Bytes to pixels: decode by content with hardened settings, give every failure a code. */
import type { Sharp } from 'sharp';
import { AppError, type ErrorCode } from '#core/errors.ts';
import { libvips } from './libvips.ts';
import { sniff, type PictureFormat } from './sniff.ts';

/** Larger pictures are refused: 128 MP is more than cameras make, and bounds memory at about 400 MB a decode. */
export const maxPixels = 128_000_000;
const decodeTimeoutSeconds = 10;

/** A picture whose header has been read. */
export interface OpenPicture {
  format: PictureFormat;
  /** As displayed (after EXIF orientation), pixels. */
  width: number;
  height: number;
  /** EXIF, 1–8: how the stored pixels have to be turned. */
  orientation: number;
  /** Oriented, on white, sRGB; add a size and an output. */
  upright(): Sharp;
  /** The same, not oriented. */
  stored(): Sharp;
}

/**
 * What kind of picture this is.
 *
 * @param name  file name or path, only for raw formats that look like TIFF
 * @throws {AppError} 'image.unsupported' with `details.kind`, or 'image.unreadable'
 */
export function pictureFormat(bytes: Uint8Array, name: string): PictureFormat {
  const sniffed = sniff(bytes, name);
  if (sniffed.is === 'picture') return sniffed.format;
  if (sniffed.is === 'unsupported') {
    throw new AppError('image.unsupported', `${sniffed.kind} pictures are not supported yet`, {
      details: { kind: sniffed.kind },
    });
  }
  const message = sniffed.kind === 'empty' ? 'The file is empty' : 'The file is not a picture';
  throw new AppError('image.unreadable', message, { details: { kind: sniffed.kind } });
}

/**
 * The part that classifying and thumbnails share: header, orientation, white ground, sRGB.
 *
 * @param format  from {@link pictureFormat}
 * @throws {AppError} 'image.damaged', 'image.too-large', 'image.unsupported'
 */
export async function openPicture(bytes: Buffer, format: PictureFormat): Promise<OpenPicture> {
  const { autoOrient, orientation = 1 } = await load(bytes).metadata().catch(throwImageError);
  if (autoOrient.width * autoOrient.height > maxPixels) throw tooLarge();
  const finish = (image: Sharp) =>
    image.flatten({ background: '#ffffff' }).toColourspace('srgb').timeout({ seconds: decodeTimeoutSeconds });
  return {
    format,
    width: autoOrient.width,
    height: autoOrient.height,
    orientation,
    upright: () => finish(load(bytes).autoOrient()),
    stored: () => finish(load(bytes)),
  };
}

/** A new pipeline each time: sharp's `clone` would copy the whole file, at 12 MP an eighth of the work. */
function load(bytes: Buffer): Sharp {
  return libvips()(bytes, { failOn: 'warning', limitInputPixels: maxPixels, unlimited: false, pages: 1 });
}

/** For `.catch` on any sharp promise. @throws {AppError} always */
export function throwImageError(thrown: unknown): never {
  throw toImageError(thrown);
}

/**
 * libvips reports text only, no codes: this is the one place where a message is looked at.
 * What is not known below is taken for damage, because the magic number promised a picture.
 */
function toImageError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const known: [RegExp, ErrorCode][] = [
    [/exceeds pixel limit|exceeds.*limit|out of memory|dimensions? too large|too big/i, 'image.too-large'],
    [/^timeout/i, 'image.timeout'],
    [/out of range|bad extract area|too wide|too high|bad dimensions/i, 'image.extreme-shape'],
    [
      /unsupported feature|unsupported codec|not supported|no decoding plugin|unsupported colou?r/i,
      'image.unsupported',
    ],
  ];
  const code = known.find(([pattern]) => pattern.test(message))?.[1] ?? 'image.damaged';
  if (code === 'image.too-large') return tooLarge(thrown);
  return new AppError(code, message.split('\n')[0]!.slice(0, 300), { cause: thrown });
}

function tooLarge(cause?: unknown): AppError {
  return new AppError('image.too-large', `The picture has more than ${maxPixels / 1e6} million pixels`, { cause });
}
