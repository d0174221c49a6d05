/** @file Photos as the model sees them: each decoded once, kept in a file, so that memory does not grow with them. */
import { open, type FileHandle } from 'node:fs/promises';
import { AppError } from '#core/errors.ts';
import { prepare } from '../../inference/classify.ts';
import type { Manifest } from '../manifest.ts';

/** Decoded at a time: enough for the threads that decode, little memory. */
const atOnce = 4;

export interface DecodedPhotos extends AsyncDisposable {
  count: number;
  /** @returns shape [H, W, 3], 0–255 */
  read(index: number): Promise<Uint8Array>;
}

/**
 * In the order given. What cannot be read, and what has been there already byte for byte, is passed over.
 *
 * @param path    of the file to keep them in, absolute
 * @param photos  absolute paths
 * @param wanted  as many are enough
 */
export async function decodePhotos(
  path: string,
  photos: readonly string[],
  manifest: Manifest,
  { wanted, onProgress }: { wanted: number; onProgress: (done: number) => void },
): Promise<DecodedPhotos> {
  const { cropWidth, cropHeight } = manifest.preprocess;
  const size = 3 * cropWidth * cropHeight;
  const file = await open(path, 'wx+');
  try {
    const seen = new Set<string>();
    let count = 0;
    for (let next = 0; next < photos.length && count < wanted; next += atOnce) {
      const batch = photos.slice(next, next + atOnce);
      const prepared = await Promise.all(batch.map((photo, index) => prepare({ id: index, path: photo }, manifest)));
      for (const { facts, rgb } of prepared) {
        if (!rgb || count === wanted || seen.has(facts.contentHash!)) continue;
        seen.add(facts.contentHash!);
        await writeAll(file, rgb, count * size);
        count++;
      }
      onProgress(count);
    }
    return {
      count,
      async read(index) {
        const rgb = new Uint8Array(size);
        const { bytesRead } = await file.read(rgb, 0, size, index * size);
        if (bytesRead !== size) throw new AppError('internal', 'The decoded photos are gone');
        return rgb;
      },
      [Symbol.asyncDispose]: () => file.close(),
    };
  } catch (thrown) {
    await file.close();
    throw thrown;
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
}
