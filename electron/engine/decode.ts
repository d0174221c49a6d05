/** @file Files to pixels: read once, decode by content with hardened settings, give every failure a code. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import sharp, { type Sharp } from 'sharp';
import { AppError, type ErrorCode } from '#core/errors.ts';
import { sniff, type PictureFormat } from './sniff.ts';

// Every loader is shut out first: libvips chooses by content, so a file extension never protects from SVG or PDF.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: [
    'VipsForeignLoadJpegBuffer',
    'VipsForeignLoadPngBuffer',
    'VipsForeignLoadWebpBuffer',
    'VipsForeignLoadNsgifBuffer',
    'VipsForeignLoadTiffBuffer',
    'VipsForeignLoadHeifBuffer',
  ],
});
// Every picture is decoded once, so a cache would only hold memory; parallelism comes from several pictures at a time.
sharp.cache(false);
sharp.concurrency(1);

/** Larger pictures are refused: 128 MP is more than cameras make, and bounds memory at about 400 MB a decode. */
export const maxPixels = 128_000_000;
/** Files beyond this are refused unread. */
export const maxPictureBytes = 512 * 1024 * 1024;
const decodeTimeoutSeconds = 10;

export interface PictureFile {
  bytes: Buffer;
  sizeBytes: number;
  /** Milliseconds since 1970. */
  modifiedMs: number;
  /** First 32 hex digits of the SHA-256 of the bytes. */
  contentHash: string;
}

/** A picture whose header has been read. */
export interface OpenPicture {
  format: PictureFormat;
  /** As displayed (after EXIF orientation), pixels. */
  width: number;
  height: number;
  /** EXIF, 1–8: how the stored pixels have to be turned. */
  orientation: number;
  /** Oriented, on white, sRGB; add a size and an output. */
  pipeline: Sharp;
  /** The same, not oriented. */
  stored: Sharp;
}

/**
 * Read a file whole, from one descriptor, so that bytes, size, time and hash belong together.
 *
 * @throws {AppError} 'file.missing', 'file.denied', 'file.not-regular' (links, folders, pipes, devices),
 *   'file.bad-name', 'file.too-large', 'image.damaged' if the file kept changing, 'image.unreadable' on a read error
 */
export async function readPicture(path: string, { maxBytes = maxPictureBytes } = {}): Promise<PictureFile> {
  let file: FileHandle | undefined;
  try {
    // Without O_NONBLOCK opening a pipe would wait for its writer. Windows knows neither flag.
    file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    for (let attempt = 1; attempt <= 2; attempt++) {
      const before = await file.stat();
      if (!before.isFile()) throw new AppError('file.not-regular', 'Not a regular file');
      if (before.size > maxBytes) {
        throw new AppError('file.too-large', `The file is larger than ${maxBytes} bytes`, {
          details: { sizeBytes: before.size },
        });
      }
      const bytes = await readAll(file, before.size);
      const after = await file.stat();
      if (bytes.length === before.size && after.size === before.size && after.mtimeMs === before.mtimeMs) {
        const contentHash = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
        return { bytes, sizeBytes: before.size, modifiedMs: Math.trunc(before.mtimeMs), contentHash };
      }
    }
    throw new AppError('image.damaged', 'The file changed while it was read');
  } catch (thrown) {
    throw toFileError(thrown);
  } finally {
    await file?.close();
  }
}

async function readAll(file: FileHandle, size: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(size);
  let filled = 0;
  while (filled < size) {
    const { bytesRead } = await file.read(bytes, filled, size - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

const fileCodes: Record<string, ErrorCode> = {
  ENOENT: 'file.missing',
  ENOTDIR: 'file.missing',
  EACCES: 'file.denied',
  EPERM: 'file.denied',
  ELOOP: 'file.not-regular',
  EMLINK: 'file.not-regular',
  ENXIO: 'file.not-regular',
  EISDIR: 'file.not-regular',
  ENAMETOOLONG: 'file.bad-name',
  EINVAL: 'file.bad-name',
  ERR_INVALID_ARG_VALUE: 'file.bad-name',
};

function toFileError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const errno = String((thrown as { code?: unknown }).code);
  return new AppError(fileCodes[errno] ?? 'image.unreadable', `The file cannot be read (${errno})`, { cause: thrown });
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
  const image = sharp(bytes, { failOn: 'warning', limitInputPixels: maxPixels, unlimited: false, pages: 1 });
  const { autoOrient, orientation = 1 } = await image.metadata().catch(throwImageError);
  if (autoOrient.width * autoOrient.height > maxPixels) throw tooLarge();
  const onWhite = (pipeline: Sharp) =>
    pipeline.flatten({ background: '#ffffff' }).toColourspace('srgb').timeout({ seconds: decodeTimeoutSeconds });
  return {
    format,
    width: autoOrient.width,
    height: autoOrient.height,
    orientation,
    pipeline: onWhite(image.clone().autoOrient()),
    stored: onWhite(image),
  };
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
