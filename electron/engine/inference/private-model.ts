/** @file A model's file on its way to the runtime: checked, its groups merged, and out of memory again early. */
import { createHash } from 'node:crypto';
import { mkdtemp, open, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '#core/errors.ts';
import { foldConstants } from '../models/onnx/fold-constants.ts';
import { mergeGroups } from '../models/onnx/merge-groups.ts';
import { readOnnxBytes } from '../models/onnx/read.ts';
import { writeOnnxApart } from '../models/onnx/write-apart.ts';

export interface ModelFile {
  /** Absolute. */
  path: string;
  /** 64 hex digits. */
  sha256: string;
}

export interface ArrangeOptions {
  /** Channels that groups of convolutions are merged to; 0 leaves them as they are. */
  mergeWidth: number;
  /**
   * Whether the runtime can map weights that lie in a file of their own, which spares it two copies of them (ResNeXt-50:
   * 190 MB while it loads).
   */
  maps: boolean;
}

/**
 * What the runtime loads are the very bytes that were hashed, or what was made of them: the file may be replaced at any
 * time. It is read once and arranged in a private folder, which is gone when `create` has ended. Where that is not
 * possible (no room, a graph that only the runtime understands) the bytes themselves are handed over, unmerged.
 *
 * @param create  makes a session of a path or of bytes; neither may be used afterwards
 * @throws {AppError} 'model.not-found', 'model.corrupt'; whatever `create` throws
 */
export async function withModel<Made>(
  { path, sha256 }: ModelFile,
  { mergeWidth, maps }: ArrangeOptions,
  create: (model: string | Uint8Array) => Promise<Made>,
): Promise<Made> {
  const bytes = await readWhole(path);
  let folder: string | null = null;
  try {
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
      throw new AppError('model.corrupt', 'The model file has changed since it was checked');
    }
    if (!maps) return await create(bytes);
    folder = await privateFolder();
    const arranged = folder === null ? null : await arrange(bytes, mergeWidth, folder);
    if (arranged === null) return await create(bytes);
    free(bytes);
    return await create(arranged);
  } finally {
    free(bytes);
    // Whoever still has a file of it open (a scanner of viruses) keeps it from being removed, not us from working.
    if (folder !== null) await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }
}

/** @returns bytes with a buffer of their own */
async function readWhole(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    await using file = await open(path, 'r');
    const { size } = await file.stat();
    const bytes = new Uint8Array(new ArrayBuffer(size));
    for (let done = 0; done < size;) {
      const { bytesRead } = await file.read(bytes, done, size - done, done);
      // Shorter by now: what is missing stays nought, and the hash tells.
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return bytes;
  } catch (cause) {
    throw new AppError('model.not-found', 'The model file cannot be read', { cause });
  }
}

/** Now, not when garbage is collected next: hundreds of megabytes would wait for it while the runtime needs as many. */
function free(bytes: Uint8Array<ArrayBuffer>): void {
  if (!bytes.buffer.detached) bytes.buffer.transfer(0);
}

async function privateFolder(): Promise<string | null> {
  try {
    return await mkdtemp(join(await realpath(tmpdir()), 'labelwright-session-'));
  } catch {
    return null;
  }
}

/** @returns the path to load, or null if it could not be written, or not be read by us: the runtime is the judge then */
async function arrange(bytes: Uint8Array, mergeWidth: number, folder: string): Promise<string | null> {
  try {
    const model = foldConstants(readOnnxBytes(bytes));
    return await writeOnnxApart(folder, mergeWidth > 0 ? mergeGroups(model, mergeWidth) : model);
  } catch {
    return null;
  }
}
