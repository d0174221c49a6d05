/** @file Write an export that is a folder: complete beside its target, then renamed, so that there is never half of one. */
import { constants } from 'node:fs';
import { copyFile, link, lstat, mkdir, open, readdir, rename, rm, rmdir, symlink, utimes } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError } from '#core/errors.ts';
import type { ExportRow, PictureMode } from '#core/export-options.ts';
import type { Breath, FolderEntry } from './exporter.ts';
import { exportError, removeLeftovers, syncFolder, temporaryIn } from './write-file.ts';

export interface FolderOptions {
  pictures: PictureMode;
  /** Told of a picture that could not be taken along; the rest goes on. */
  leaveOut: (row: ExportRow, reason: string) => void;
  /** Told after each entry. */
  onProgress?: () => void;
}

/** How long entries may be made without letting calls and events through, milliseconds. */
const turnMs = 8;
/** How often the folder shows that it is still being written, milliseconds; ten times as often as it would be removed. */
const aliveMs = 60_000;
/** Text is written in pieces of about so many characters. */
const pieceLength = 128 * 1024;

/**
 * Nothing is ever written into `path` itself: killed or on a full disk, it is as it was, and what is left beside it goes
 * with a later export.
 *
 * @param path  absolute; a new folder or an empty one
 * @throws {AppError} 'export.failed' if there is something else at `path` or it cannot be written; 'disk.full'
 */
export async function writeFolder(
  path: string,
  entries: Iterable<FolderEntry | Breath>,
  { pictures, leaveOut, onProgress }: FolderOptions,
): Promise<{ sizeBytes: number }> {
  await assertFree(path);
  const temporary = temporaryIn(dirname(path));
  let sizeBytes = 0;
  try {
    await mkdir(temporary);
    const made = new Set<string>();
    const breathe = breather(temporary);
    for (const entry of entries) {
      await breathe();
      if (!entry) continue;
      const target = resolve(temporary, entry.path);
      if (!target.startsWith(temporary + sep)) {
        throw new AppError('export.failed', `${entry.path} would lie outside of the folder`);
      }
      if (pictures === 'none' && 'picture' in entry) continue;
      const folder = dirname(target);
      if (!made.has(folder)) await mkdir(folder, { recursive: true });
      made.add(folder);
      if ('text' in entry) sizeBytes += await writeText(target, entry.text, breathe);
      else sizeBytes += await takeAlong(entry.picture, target, pictures, leaveOut);
      onProgress?.();
    }
    // A rename replaces an empty folder on some systems only.
    await rmdir(path).catch(() => {});
    await rename(temporary, path);
    await syncFolder(dirname(path));
    await removeLeftovers(dirname(path));
    return { sizeBytes };
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
    throw exportError(cause, path);
  }
}

/** Lets others work in between, and keeps the folder from looking left behind. */
function breather(folder: string): () => Promise<void> | undefined {
  let turnStart = performance.now();
  let aliveAt = turnStart;
  return () => {
    const now = performance.now();
    if (now - turnStart < turnMs) return undefined;
    return nextTurn().then(async () => {
      turnStart = performance.now();
      if (turnStart - aliveAt < aliveMs) return;
      aliveAt = turnStart;
      await utimes(folder, new Date(), new Date());
    });
  };
}

/** @returns bytes written */
async function writeText(path: string, chunks: Iterable<string>, breathe: () => Promise<void> | undefined) {
  await using file = await open(path, 'wx');
  let text = '';
  for (const chunk of chunks) {
    text += chunk;
    if (text.length > pieceLength) {
      await file.appendFile(text);
      text = '';
    }
    const breath = breathe();
    if (breath) await breath;
  }
  await file.appendFile(text);
  return (await file.stat()).size;
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
