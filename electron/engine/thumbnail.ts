/** @file Small and large copies of pictures for the screen, made once and kept on disk by content hash. */
import { readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { openPicture, pictureFormat, throwImageError } from './decode.ts';
import { limiter } from './limiter.ts';
import { readPicture, type PictureFile } from './picture-file.ts';
import { openThumbnailStore, thumbnailQuality, thumbnailSides, type ThumbnailSize } from './thumbnail-store.ts';

const type = 'image/jpeg';
/** Two at a time, so that a run beside it goes on. */
const decodesAtOnce = 2;
const hashPattern = /^[0-9a-f]{32}$/;
const staleTempMs = 60 * 60 * 1000;

export interface Thumbnail {
  /** Absolute path of the copy. */
  path: string;
  /** Media type. */
  type: string;
  /** Of the picture it was made from, 32 hex digits. */
  contentHash: string;
}

export interface Thumbnails {
  /**
   * @param path   absolute path of the picture
   * @param known  its content hash, if known: then a cached copy is found without touching the picture
   * @throws {AppError} like reading and decoding for a run; 'disk.full' if the copy cannot be stored
   */
  get(path: string, size: ThumbnailSize, known: { contentHash: string | null }): Promise<Thumbnail>;
  /** Settles when the cache has been brought under its limit. Never rejects. */
  pruned: Promise<void>;
}

/**
 * @param cacheFolder               absolute; made when missing, may be deleted at any time
 * @param options.maxLargeBytes     what large copies may take up; beyond it the oldest go when the cache is opened
 */
export function thumbnails(cacheFolder: string, { maxLargeBytes = 1024 ** 3 } = {}): Thumbnails {
  const store = openThumbnailStore(cacheFolder);
  const limit = limiter(decodesAtOnce);
  const underway = new Map<string, Promise<Thumbnail>>();

  async function cached(contentHash: string, size: ThumbnailSize): Promise<Thumbnail | null> {
    return (await store.has(contentHash, size)) ? { path: store.fileOf(contentHash, size), type, contentHash } : null;
  }

  async function make(path: string, size: ThumbnailSize): Promise<Thumbnail> {
    const picture = await readPicture(path);
    const hit = await cached(picture.contentHash, size);
    if (hit) return hit;
    const jpeg = await shrink(picture, basename(path), thumbnailSides[size]);
    await store.put(picture.contentHash, size, jpeg);
    return { path: store.fileOf(picture.contentHash, size), type, contentHash: picture.contentHash };
  }

  return {
    async get(path, size, known) {
      const contentHash = known.contentHash && hashPattern.test(known.contentHash) ? known.contentHash : null;
      const hit = contentHash && (await cached(contentHash, size));
      if (hit) return hit;

      const key = `${size} ${path}`;
      const other = underway.get(key);
      if (other) return other;
      const making = limit(() => make(path, size)).finally(() => underway.delete(key));
      underway.set(key, making);
      return making;
    },
    // The cache is a convenience: a folder that cannot be read is no reason to fail.
    pruned: prune(cacheFolder, maxLargeBytes).catch(() => undefined),
  };
}

async function shrink({ bytes }: PictureFile, name: string, side: number): Promise<Buffer> {
  const picture = await openPicture(bytes, pictureFormat(bytes, name));
  return picture
    .upright()
    .resize(side, side, { fit: 'inside', withoutEnlargement: true })
    .jpeg({ quality: thumbnailQuality })
    .toBuffer()
    .catch(throwImageError);
}

async function prune(cacheFolder: string, maxLargeBytes: number): Promise<void> {
  const large: { path: string; bytes: number; modifiedMs: number }[] = [];
  for (const folder of await readdir(cacheFolder)) {
    for (const name of await readdir(join(cacheFolder, folder)).catch(() => [])) {
      const path = join(cacheFolder, folder, name);
      const stored = await stat(path).catch(() => null);
      if (!stored) continue;
      if (name.endsWith('.tmp') && Date.now() - stored.mtimeMs > staleTempMs) await rm(path, { force: true });
      if (name.endsWith('-l.jpg')) large.push({ path, bytes: stored.size, modifiedMs: stored.mtimeMs });
    }
  }
  let total = large.reduce((sum, { bytes }) => sum + bytes, 0);
  large.sort((a, b) => a.modifiedMs - b.modifiedMs);
  for (const { path, bytes } of large) {
    if (total <= maxLargeBytes) break;
    await rm(path, { force: true });
    total -= bytes;
  }
}
