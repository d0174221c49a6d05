/** @file Write an export so that the target is always the old file or the whole new one. */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, lstat, open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError } from '#core/errors.ts';
import { isRunning } from '../is-running.ts';

export interface WriteProgress {
  /** Pieces taken from the exporter so far. */
  chunkCount: number;
  sizeBytes: number;
}

export interface WriteOptions {
  /** Told after each write to the disk. */
  onProgress?: ((progress: WriteProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** Large enough that system calls do not count, small enough that memory does not either. */
const bufferBytes = 256 * 1024;
const temporaryName = /^\.labelwright-(\d+)-[0-9a-f]{8}\.tmp$/;
/** A temporary file nobody has written to for so long is a leftover, milliseconds. */
const leftoverMs = 10 * 60 * 1000;
/** How long rows may be made without letting calls and events through, milliseconds. */
const turnMs = 8;

/**
 * Write `chunks`, text as UTF-8: into a temporary file in the same folder, flushed to the disk, then renamed over `path`.
 * Whatever goes wrong, the temporary file is removed and the old file stays as it was.
 *
 * @param path  absolute; a new file or a regular one to replace
 * @throws {AppError} 'export.failed' if `path` is a folder, a link or anything else that is not a regular file, or
 *   cannot be written; 'disk.full'; 'aborted' if `signal` fires first
 */
export async function writeExport(
  path: string,
  chunks: Iterable<string | Uint8Array>,
  { onProgress, signal }: WriteOptions = {},
): Promise<WriteProgress> {
  const mode = await replaceableMode(path);
  const folder = dirname(path);
  const temporaryPath = temporaryIn(folder);
  try {
    // 'wx': never follows or overwrites something that is already there.
    const file = await open(temporaryPath, 'wx', mode);
    let progress: WriteProgress;
    try {
      progress = await writeChunks(file, chunks, { onProgress, signal });
      if (mode !== undefined) await file.chmod(mode);
      await file.sync();
    } finally {
      await file.close();
    }
    signal?.throwIfAborted();
    await rename(temporaryPath, path);
    await syncFolder(folder);
    await removeLeftovers(folder);
    return progress;
  } catch (cause) {
    await rm(temporaryPath, { force: true }).catch(() => {});
    throw signal?.aborted ? new AppError('aborted', 'The export was cancelled', { cause }) : exportError(cause, path);
  }
}

/**
 * @returns the permissions of the file that will be replaced; undefined when there is none yet
 * @throws {AppError} 'export.failed' for what is no regular file, or protected
 */
export async function replaceableMode(path: string): Promise<number | undefined> {
  const stats = await lstat(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    throw exportError(cause, path);
  });
  if (!stats) return undefined;
  if (stats.isDirectory()) throw refused(path, 'is a folder', 'EISDIR');
  // Writing through a link would change a file the person did not name; replacing the link would surprise as much.
  if (stats.isSymbolicLink()) throw refused(path, 'is a link; choose the file it leads to');
  if (!stats.isFile()) throw refused(path, 'is not a regular file');
  // A rename asks only the folder; a file someone protected must not be replaced all the same.
  await access(path, constants.W_OK).catch((cause: unknown) => {
    throw exportError(cause, path);
  });
  return stats.mode & 0o777;
}

/** A new name, by which a leftover is recognised. */
export function temporaryIn(folder: string): string {
  return join(folder, `.labelwright-${process.pid}-${randomBytes(4).toString('hex')}.tmp`);
}

async function writeChunks(
  file: FileHandle,
  chunks: Iterable<string | Uint8Array>,
  { onProgress, signal }: WriteOptions,
) {
  const progress: WriteProgress = { chunkCount: 0, sizeBytes: 0 };
  // One buffer for the whole file: fresh ones would wait for the garbage collector by the hundred.
  const buffer = Buffer.allocUnsafe(bufferBytes);
  let used = 0;
  let turnStart = performance.now();

  const write = async (bytes: Uint8Array) => {
    await writeAll(file, bytes);
    progress.sizeBytes += bytes.length;
    onProgress?.({ ...progress });
  };

  for (const chunk of chunks) {
    progress.chunkCount++;
    const isText = typeof chunk === 'string';
    // A UTF-16 unit becomes at most three bytes.
    const mostBytes = isText ? chunk.length * 3 : chunk.length;
    if (used + mostBytes > bufferBytes) {
      await write(buffer.subarray(0, used));
      used = 0;
    }
    if (mostBytes > bufferBytes) await write(isText ? Buffer.from(chunk, 'utf8') : chunk);
    else if (isText) used += buffer.write(chunk, used, 'utf8');
    else {
      buffer.set(chunk, used);
      used += chunk.length;
    }
    if (performance.now() - turnStart > turnMs) {
      await nextTurn();
      signal?.throwIfAborted();
      turnStart = performance.now();
    }
  }
  signal?.throwIfAborted();
  await write(buffer.subarray(0, used));
  return progress;
}

/** A short write is not an error for the system; the rest follows, or fails with the reason. */
async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, offset, bytes.length - offset);
    offset += bytesWritten;
  }
}

/** Without it a power cut could undo the rename. Windows cannot open folders and does not need it. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  try {
    const handle = await open(folder, 'r');
    await handle.sync().finally(() => handle.close());
  } catch (cause) {
    // Some network file systems cannot sync a folder; the file is complete and in place by now.
    if (!['EINVAL', 'ENOTSUP', 'EBADF', 'EACCES'].includes((cause as NodeJS.ErrnoException).code ?? '')) throw cause;
  }
}

/** Temporary files and folders of exports that were killed. What another machine writes on a shared disk is never so old. */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const pid = Number(temporaryName.exec(name)?.[1]);
    if (!pid || isRunning(pid)) continue;
    const path = join(folder, name);
    const stats = await lstat(path).catch(() => undefined);
    if (!stats?.isFile() && !stats?.isDirectory()) continue;
    if (Date.now() - stats.mtimeMs > leftoverMs) await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}

function refused(path: string, why: string, errno?: string): AppError {
  return new AppError('export.failed', `${path} ${why}`, { details: { path, ...(errno && { errno }) } });
}

const sentences: Record<string, string> = {
  ENOENT: 'lies in a folder that does not exist',
  ENOTDIR: 'lies in something that is not a folder',
  EACCES: 'cannot be written: permission denied',
  EPERM: 'cannot be written: permission denied',
  EROFS: 'lies on a read-only disk',
  EFBIG: 'would be larger than the disk allows',
  ENAMETOOLONG: 'has too long a name',
  EBUSY: 'is in use by another program',
};

export function exportError(cause: unknown, path: string): AppError {
  if (cause instanceof AppError) return cause;
  const errno = (cause as NodeJS.ErrnoException).code ?? '';
  const details = { path, errno };
  if (errno === 'ENOSPC' || errno === 'EDQUOT') {
    return new AppError('disk.full', `No space left to write ${path}`, { details, cause });
  }
  const why = sentences[errno] ?? `could not be written: ${(cause as Error).message}`;
  return new AppError('export.failed', `${path} ${why}`, { details, cause });
}
