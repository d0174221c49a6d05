/** @file SHA-256 of files that do not fit into memory. */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
/** @throws {AppError} 'aborted' through `signal` */
export async function hashFile(path: string, hash: Hash = createHash('sha256'), signal?: AbortSignal): Promise<Hash> {
  const chunks = createReadStream(path, { highWaterMark: 1024 * 1024, ...(signal && { signal }) });
  for await (const chunk of chunks) hash.update(chunk as Buffer);
  return hash;
}

/** @returns 64 hex digits */
export async function sha256Of(path: string): Promise<string> {
  return (await hashFile(path)).digest('hex');
}
