/** @file A file the person chose a place for: the old one or the whole new one, never a part. */
import { randomBytes } from 'node:crypto';
import { lstat, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '#core/errors.ts';

/**
 * Written beside, flushed to the disk, then renamed over.
 *
 * @param path  absolute
 * @throws {AppError} 'export.failed' for what is there and no regular file, or cannot be written; 'disk.full'
 */
export async function saveFile(path: string, content: Uint8Array): Promise<void> {
  const temporary = join(dirname(path), `.labelwright-${process.pid}-${randomBytes(4).toString('hex')}.tmp`);
  try {
    const old = await lstat(path).catch(() => null);
    if (old && !old.isFile()) throw new AppError('export.failed', `${path} is not a regular file`);
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => {});
    if (cause instanceof AppError) throw cause;
    const errno = (cause as NodeJS.ErrnoException).code ?? '';
    const code = errno === 'ENOSPC' || errno === 'EDQUOT' ? 'disk.full' : 'export.failed';
    throw new AppError(code, `${path} could not be written: ${(cause as Error).message}`, { cause, details: { path } });
  }
}
