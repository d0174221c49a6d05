/** @file Thumbnails that survive their own crashes: a picture that took the process down is not tried again. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '#core/errors.ts';
import { thumbnails } from './thumbnail.ts';

export interface ThumbnailGuard {
  get(
    imageId: number,
    path: string,
    size: 's' | 'l',
    contentHash: string | null,
  ): Promise<{ path: string; type: string; contentHash: string }>;
}

/** Crashes seen with a picture under way before it is put aside. */
const crashLimit = 2;

/**
 * Every picture under way has a marker file; what has one after a crash is under suspicion, and is made alone the next
 * time, so that a second crash blames nobody else.
 *
 * @param crashed  the engine before this one ended by itself
 */
export function openThumbnailGuard(cachePath: string, crashed: boolean): ThumbnailGuard {
  const folder = join(cachePath, 'under-way');
  mkdirSync(folder, { recursive: true });
  const blocked = new Set<number>();
  const suspects = new Set<number>();
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    const [before, idle] = readFileSync(file, 'utf8').split(' ');
    const crashes = Number(before) + (crashed && idle === undefined ? 1 : 0);
    if (crashes >= crashLimit) blocked.add(Number(name));
    else if (crashes > 0) suspects.add(Number(name));
    if (crashes === 0) rmSync(file);
    else writeFileSync(file, `${crashes} idle`);
  }
  const cache = thumbnails(cachePath);

  async function make(imageId: number, path: string, size: 's' | 'l', contentHash: string | null) {
    const marker = join(folder, String(imageId));
    try {
      if (suspects.has(imageId)) writeFileSync(marker, '1');
      else writeFileSync(marker, '0', { flag: 'wx' });
    } catch {
      // Already under way in the other size, or the disk is full: no marker of ours to make.
    }
    try {
      return await cache.get(path, size, { contentHash });
    } finally {
      rmSync(marker, { force: true });
      suspects.delete(imageId);
    }
  }

  const underWay = new Set<Promise<unknown>>();
  let aloneTurn: Promise<unknown> = Promise.resolve();

  return {
    async get(imageId, path, size, contentHash) {
      if (blocked.has(imageId)) throw new AppError('image.crashed', 'The decoder crashed on this picture');
      if (suspects.has(imageId)) {
        const turn = aloneTurn
          .then(() => Promise.allSettled(underWay))
          .then(() => make(imageId, path, size, contentHash));
        aloneTurn = turn.catch(() => {});
        return turn;
      }
      await aloneTurn;
      const making = make(imageId, path, size, contentHash);
      underWay.add(making);
      return making.finally(() => underWay.delete(making));
    },
  };
}
