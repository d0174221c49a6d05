/** @file Where copies of pictures for the screen lie: by content hash, whole or not at all. */
import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '#core/errors.ts';

/** The square a copy fits into, pixels. */
export const thumbnailSides = { s: 320, l: 2048 } as const;
export type ThumbnailSize = keyof typeof thumbnailSides;

/** Libjpeg-turbo at 80 is faster to write than WebP, and the files live in a cache only. */
export const thumbnailQuality = 80;

export interface ThumbnailStore {
  fileOf(contentHash: string, size: ThumbnailSize): string;
  has(contentHash: string, size: ThumbnailSize): Promise<boolean>;
  /** @throws {AppError} 'disk.full' */
  put(contentHash: string, size: ThumbnailSize, jpeg: Buffer): Promise<void>;
}

/** @param folder  absolute; made when missing, may be deleted at any time */
export function openThumbnailStore(folder: string): ThumbnailStore {
  const fileOf = (contentHash: string, size: ThumbnailSize) =>
    join(folder, contentHash.slice(0, 2), `${contentHash}-${size}.jpg`);
  return {
    fileOf,

    async has(contentHash, size) {
      // A power cut can leave an empty file behind a finished rename.
      const stored = await stat(fileOf(contentHash, size)).catch(() => null);
      return stored !== null && stored.size > 0;
    },

    // Readers see the file only under its final name.
    async put(contentHash, size, jpeg) {
      const target = fileOf(contentHash, size);
      const temporary = `${target}.${randomUUID()}.tmp`;
      try {
        await mkdir(dirname(target), { recursive: true });
        await writeFile(temporary, jpeg);
        await rename(temporary, target);
      } catch (thrown) {
        await rm(temporary, { force: true }).catch(() => undefined);
        const errno = (thrown as { code?: unknown }).code;
        if (errno === 'ENOSPC' || errno === 'EDQUOT') {
          throw new AppError('disk.full', 'There is no room left for thumbnails', { cause: thrown });
        }
        throw AppError.from(thrown);
      }
    },
  };
}
