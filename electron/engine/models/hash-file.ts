/** @file SHA-256 of files that do not fit into memory. */
import { createHash, type Hash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { AppError } from '#core/errors.ts';

const chunkBytes = 1024 * 1024;

/** @throws {AppError} 'aborted' through `signal` */
export async function hashFile(path: string, hash: Hash = createHash('sha256'), signal?: AbortSignal): Promise<Hash> {
  await using file = await open(path, 'r');
  // One piece of memory for all: a stream leaves a hundred megabytes of them to the garbage collector.
  const chunk = new Uint8Array(chunkBytes);
  for (;;) {
    if (signal?.aborted) throw new AppError('aborted', 'Reading the file was cancelled');
    const { bytesRead } = await file.read(chunk, 0, chunkBytes);
    if (bytesRead === 0) return hash;
    hash.update(chunk.subarray(0, bytesRead));
  }
}

/** @returns 64 hex digits */
export async function sha256Of(path: string): Promise<string> {
  return (await hashFile(path)).digest('hex');
}
