/** @file The bytes of a picture, read once, with the facts that belong to them. */
import { createHash, hash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError, type ErrorCode } from '#core/errors.ts';

/** Files beyond this are refused unread. */
export const maxPictureBytes = 512 * 1024 * 1024;
/** Some milliseconds of hashing: a scan of half a gigabyte must not keep everything else waiting. */
const hashedAtOnce = 4 * 1024 * 1024;

export interface PictureFile {
  bytes: Buffer;
  sizeBytes: number;
  /** Milliseconds since 1970. */
  modifiedMs: number;
  /** First 32 hex digits of the SHA-256 of the bytes. */
  contentHash: string;
}

export interface ReadOptions {
  maxBytes?: number;
  /** Gives memory for the bytes, exactly as long as asked for; a new buffer if nothing is given. */
  allocate?: (sizeBytes: number) => Buffer | Promise<Buffer>;
}

/**
 * Read a file whole, from one descriptor, so that bytes, size, time and hash belong together.
 *
 * @throws {AppError} 'file.missing', 'file.denied', 'file.not-regular' (links, folders, pipes, devices),
 *   'file.bad-name', 'file.too-large', 'image.damaged' if the file kept changing, 'image.unreadable' on a read error
 */
export async function readPicture(
  path: string,
  { maxBytes = maxPictureBytes, allocate = (sizeBytes) => Buffer.allocUnsafe(sizeBytes) }: ReadOptions = {},
): Promise<PictureFile> {
  let file: FileHandle | undefined;
  try {
    // Without O_NONBLOCK opening a pipe would wait for its writer. Windows knows neither flag.
    file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    let before = await file.stat();
    for (let attempt = 1; attempt <= 2; attempt++) {
      if (!before.isFile()) throw new AppError('file.not-regular', 'Not a regular file');
      if (before.size > maxBytes) {
        throw new AppError('file.too-large', `The file is larger than ${maxBytes} bytes`, {
          details: { sizeBytes: before.size },
        });
      }
      const bytes = await allocate(before.size);
      const filled = await fill(file, bytes);
      const after = await file.stat();
      if (filled === before.size && after.size === before.size && after.mtimeMs === before.mtimeMs) {
        const contentHash = await contentHashOf(bytes);
        return { bytes, sizeBytes: before.size, modifiedMs: Math.trunc(before.mtimeMs), contentHash };
      }
      before = after;
    }
    throw new AppError('image.damaged', 'The file changed while it was read');
  } catch (thrown) {
    throw toFileError(thrown);
  } finally {
    await file?.close();
  }
}

async function contentHashOf(bytes: Buffer): Promise<string> {
  if (bytes.length <= hashedAtOnce) return hash('sha256', bytes, 'hex').slice(0, 32);
  const digest = createHash('sha256');
  for (let at = 0; at < bytes.length; at += hashedAtOnce) {
    digest.update(bytes.subarray(at, at + hashedAtOnce));
    await nextTurn();
  }
  return digest.digest('hex').slice(0, 32);
}

/** @returns how many bytes there were */
async function fill(file: FileHandle, bytes: Buffer): Promise<number> {
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
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
