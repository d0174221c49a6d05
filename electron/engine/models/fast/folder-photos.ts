/** @file Photos in a folder, found for calibration: some of all that there are. */
import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '#core/errors.ts';

/** What is looked at; a walk through more would take minutes and find nothing new. */
const maxEntries = 200_000;
const maxDepth = 32;
/** What is kept: unreadable ones and copies among them are passed over later. */
const maxPhotos = 50_000;
/** Extensions of what the decoder takes; content decides in the end. */
const pictureName = /\.(?:jpe?g|jfif|png|webp|gif|tiff?|avif|heic|heif)$/i;

/**
 * Links are not followed.
 *
 * @param folder  absolute
 * @returns       absolute paths, in the order of their names
 * @throws {AppError} 'folder.missing', 'aborted'
 */
export async function photosIn(folder: string, signal?: AbortSignal): Promise<string[]> {
  const photos: string[] = [];
  let entries = 0;
  async function walk(path: string, depth: number): Promise<void> {
    const directory = await opendir(path).catch((cause: unknown) => {
      if (depth > 0) return null;
      throw new AppError('folder.missing', `${path} is not a folder that can be read`, { cause });
    });
    if (!directory) return;
    for await (const entry of directory) {
      if (signal?.aborted) throw new AppError('aborted', 'Looking for photos was cancelled');
      if (++entries > maxEntries || photos.length >= maxPhotos) return;
      if (entry.name.startsWith('.')) continue;
      const inside = join(path, entry.name);
      if (entry.isDirectory() && depth < maxDepth) await walk(inside, depth + 1);
      else if (entry.isFile() && pictureName.test(entry.name)) photos.push(inside);
    }
  }
  await walk(folder, 0);
  return photos.sort();
}
