/** @file Write an export that is a folder: complete beside its target, then renamed, so that there is never half of one. */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, link, lstat, mkdir, readdir, rename, rm, rmdir, symlink } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { AppError } from '#core/errors.ts';
import type { ExportRow, PictureMode } from '#core/export-options.ts';
import type { FolderEntry } from './exporter.ts';
import { exportError, writeExport } from './write-file.ts';

export interface FolderOptions {
  pictures: PictureMode;
  /** Told of a picture that could not be taken along; the rest goes on. */
  leaveOut: (row: ExportRow, reason: string) => void;
  /** Told after each entry. */
  onProgress?: () => void;
}

/**
 * @param path  absolute; a new folder or an empty one
 * @throws {AppError} 'export.failed' if there is something else at `path` or it cannot be written; 'disk.full'
 */
export async function writeFolder(
  path: string,
  entries: Iterable<FolderEntry>,
  { pictures, leaveOut, onProgress }: FolderOptions,
): Promise<{ sizeBytes: number }> {
  await assertFree(path);
  const temporary = join(dirname(path), `.labelwright-${process.pid}-${randomBytes(4).toString('hex')}.tmp`);
  let sizeBytes = 0;
  try {
    await mkdir(temporary);
    const made = new Set<string>();
    for (const entry of entries) {
      const target = resolve(temporary, entry.path);
      if (!target.startsWith(temporary + sep)) {
        throw new AppError('export.failed', `${entry.path} would lie outside of the folder`);
      }
      if (pictures === 'none' && 'picture' in entry) continue;
      const folder = dirname(target);
      if (!made.has(folder)) await mkdir(folder, { recursive: true });
      made.add(folder);
      if ('text' in entry) sizeBytes += (await writeExport(target, entry.text)).sizeBytes;
      else sizeBytes += await takeAlong(entry.picture, target, pictures, leaveOut);
      onProgress?.();
    }
    // A rename replaces an empty folder on some systems only.
    await rmdir(path).catch(() => {});
    await rename(temporary, path);
    return { sizeBytes };
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
    throw exportError(cause, path);
  }
}

async function assertFree(path: string): Promise<void> {
  const stats = await lstat(path).catch(() => undefined);
  if (!stats) return;
  if (!stats.isDirectory()) throw new AppError('export.failed', `${path} is not a folder`);
  if ((await readdir(path)).length > 0) {
    throw new AppError('export.failed', `${path} is not empty; choose a new or an empty folder`);
  }
}

/** @returns bytes copied */
async function takeAlong(
  row: ExportRow,
  target: string,
  mode: PictureMode,
  leaveOut: FolderOptions['leaveOut'],
): Promise<number> {
  const from = join(row.source, row.fileName);
  try {
    if (mode === 'symlink') await symlink(from, target);
    else if (mode === 'hard-link') await link(from, target);
    else {
      // Where the file system can, both share their bytes until one of them changes.
      await copyFile(from, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
      return (await lstat(target)).size;
    }
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === 'ENOSPC') throw thrown;
    leaveOut(row, code === 'ENOENT' ? 'The file is not there any more' : `It could not be taken along (${code})`);
    await rm(target, { force: true });
  }
  return 0;
}
