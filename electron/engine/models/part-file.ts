/** @file A file on its way: what has arrived, its running SHA-256, and what is needed to go on another day. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, readFile, rename, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as z from 'zod';
import { AppError } from '#core/errors.ts';
import { hashFile } from './hash-file.ts';

const noteSchema = z.object({
  /** Asked for; another server's bytes are not mixed in. */
  url: z.string(),
  /** Of the server's version: a strong ETag or a date, as If-Range takes it (RFC 9110, 13.1.5). */
  validator: z.string().nullable(),
  totalBytes: z.int().min(0).nullable(),
  /** As the server states it beside the file. */
  sha256: z.string().nullable(),
});

/** What is known of the version that is arriving; kept beside the part. */
export type PartNote = z.infer<typeof noteSchema>;

export interface PartFile extends AsyncDisposable {
  readonly sizeBytes: number;
  readonly note: PartNote;
  append(chunk: Uint8Array): Promise<void>;
  /** Forget what has arrived; `note` is of the version that follows. */
  restart(note: PartNote): Promise<void>;
  /** Of all that has arrived, 64 hex digits. */
  sha256(): string;
  /** Safe on the disk, under its real name. */
  finish(): Promise<void>;
  /** Nothing of it stays. */
  discard(): Promise<void>;
}

export const partPath = (target: string) => `${target}.part`;
const notePath = (target: string) => `${target}.part.json`;

/**
 * @param target  absolute; the part lies beside it, its folder is made when needed
 * @param url     where the rest would come from
 * @param trusted a checksum was published, so bytes of another server or an unknown version can do no harm
 * @throws {AppError} 'disk.full', 'file.denied', 'aborted'
 */
export async function openPart(target: string, url: string, trusted: boolean, signal?: AbortSignal): Promise<PartFile> {
  const path = partPath(target);
  let note = await readNote(target);
  const handle = await guarded(async () => {
    await mkdir(dirname(target), { recursive: true });
    return open(path, constants.O_RDWR | constants.O_CREAT, 0o644);
  });
  let hash = createHash('sha256');
  let sizeBytes = 0;

  async function restart(next: PartNote): Promise<void> {
    note = next;
    hash = createHash('sha256');
    if ((await handle.stat()).size > 0) await handle.truncate(0);
    sizeBytes = 0;
    await guarded(() => writeFile(notePath(target), JSON.stringify(note)));
  }

  try {
    const usable = note && (trusted || (note.url === url && note.validator !== null));
    if (usable) {
      sizeBytes = (await handle.stat()).size;
      await hashFile(path, hash, signal);
      if (note!.url !== url) note = { ...note!, url, validator: null };
    } else await restart({ url, validator: null, totalBytes: null, sha256: null });
  } catch (thrown) {
    await handle.close();
    throw signal?.aborted ? new AppError('aborted', 'The download was stopped', { cause: thrown }) : thrown;
  }

  let open_ = true;
  async function close(): Promise<void> {
    if (open_) await handle.close();
    open_ = false;
  }

  return {
    get sizeBytes() {
      return sizeBytes;
    },
    get note() {
      return note!;
    },
    async append(chunk) {
      await guarded(() => writeAll(handle, chunk, sizeBytes));
      hash.update(chunk);
      sizeBytes += chunk.length;
    },
    restart,
    sha256: () => hash.copy().digest('hex'),
    async finish() {
      await guarded(() => handle.sync());
      await close();
      await rename(path, target);
      await rm(notePath(target), { force: true });
    },
    async discard() {
      await close();
      await removePart(target);
    },
    [Symbol.asyncDispose]: close,
  };
}

export async function removePart(target: string): Promise<void> {
  await rm(partPath(target), { force: true });
  await rm(notePath(target), { force: true });
}

/** Anything but a note we wrote ourselves counts as none. */
async function readNote(target: string): Promise<PartNote | null> {
  try {
    return noteSchema.parse(JSON.parse(await readFile(notePath(target), 'utf8')));
  } catch {
    return null;
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/** Disk errors with a code of ours. What has been written stays. */
async function guarded<Value>(act: () => Promise<Value>): Promise<Value> {
  try {
    return await act();
  } catch (thrown) {
    const { code, path } = thrown as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw new AppError('disk.full', 'The disk became full; what has arrived is kept', { cause: thrown });
    }
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
      throw new AppError('file.denied', `${path ?? 'The folder of downloads'} may not be written`, { cause: thrown });
    }
    throw thrown;
  }
}
