/** @file Bytes of a known number, read where they are needed: a file that is open, or memory. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { AppError, type ErrorCode } from '#core/errors.ts';

export interface ByteSource {
  sizeBytes: number;
  /**
   * Exactly `length` bytes in memory of their own.
   *
   * @throws {AppError} 'model.corrupt' if they do not all lie in the source, or the file changed since it was opened
   */
  read(position: number, length: number): Uint8Array;
}

export type ByteFile = ByteSource & Disposable;

/** One call of the system reads less than 2 GB. */
const maxReadBytes = 2 ** 30;

const fileCodes: Record<string, ErrorCode> = {
  ENOENT: 'file.missing',
  ENOTDIR: 'file.missing',
  EACCES: 'file.denied',
  EPERM: 'file.denied',
  ELOOP: 'file.not-regular',
  ENXIO: 'file.not-regular',
  EISDIR: 'file.not-regular',
  ENAMETOOLONG: 'file.bad-name',
  EINVAL: 'file.bad-name',
  ERR_INVALID_ARG_VALUE: 'file.bad-name',
};

/**
 * Open until disposed of.
 *
 * @throws {AppError} 'file.missing', 'file.denied', 'file.not-regular', 'file.bad-name'
 */
export function openByteFile(path: string): ByteFile {
  const descriptor = open(path);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new AppError('file.not-regular', 'Not a regular file');
    let isOpen = true;
    return {
      sizeBytes: stats.size,
      read(position, length) {
        if (!isOpen) throw new AppError('internal', 'The file has been closed');
        checkRange(position, length, stats.size);
        const now = fstatSync(descriptor);
        if (now.size !== stats.size || now.mtimeMs !== stats.mtimeMs)
          throw corrupt('The file changed while it was read');
        // Memory of its own, aligned for any element type.
        const bytes = new Uint8Array(length);
        for (let filled = 0; filled < length;) {
          const count = readSync(descriptor, bytes, filled, Math.min(length - filled, maxReadBytes), position + filled);
          if (count === 0) throw corrupt('The file ends too early');
          filled += count;
        }
        return bytes;
      },
      [Symbol.dispose]() {
        if (isOpen) closeSync(descriptor);
        isOpen = false;
      },
    };
  } catch (thrown) {
    closeSync(descriptor);
    throw thrown;
  }
}

export function bytesInMemory(bytes: Uint8Array): ByteSource {
  return {
    sizeBytes: bytes.length,
    read(position, length) {
      checkRange(position, length, bytes.length);
      return Uint8Array.prototype.slice.call(bytes, position, position + length);
    },
  };
}

function open(path: string): number {
  try {
    // Without O_NONBLOCK opening a pipe would wait for its writer. Windows does not know the flag.
    return openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (cause) {
    const errno = String((cause as { code?: unknown }).code);
    throw new AppError(fileCodes[errno] ?? 'model.corrupt', `The file cannot be read (${errno})`, { cause });
  }
}

function checkRange(position: number, length: number, size: number): void {
  if (!(position >= 0 && length >= 0 && position + length <= size)) throw corrupt('The file ends too early');
}

function corrupt(message: string): AppError {
  return new AppError('model.corrupt', message);
}
