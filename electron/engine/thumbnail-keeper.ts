/** @file Small copies of large pictures, made of what labeling has decoded anyway. */
import sharp from 'sharp';
import type { Preprocess } from '#core/preprocess.ts';
import type { ImageFacts } from './inference/protocol.ts';
import { openThumbnailStore, thumbnailQuality, thumbnailSides } from './thumbnail-store.ts';

/** Of a smaller picture a copy is made quickly when it is wanted, pixels. */
const largePixels = 4_000_000;

export interface ThumbnailKeeper {
  /**
   * @param rgb  shape [height, width, 3], the whole picture upright, about as large as the small copy
   * @returns    settles when the copy is kept, or is not to be; never rejects. Undefined when there is nothing to do
   */
  keep: (facts: ImageFacts, rgb: Buffer, width: number, height: number) => Promise<void> | undefined;
}

/** @param folder  of the thumbnails */
export function openThumbnailKeeper(folder: string, { fit }: Pick<Preprocess, 'fit'>): ThumbnailKeeper {
  const store = openThumbnailStore(folder);
  let wanted = fit === 'short-side';

  async function make(contentHash: string, rgb: Buffer, width: number, height: number): Promise<void> {
    if (await store.has(contentHash, 's')) return;
    const { s: side } = thumbnailSides;
    const jpeg = await sharp(rgb, { raw: { width, height, channels: 3 } })
      .resize(side, side, { fit: 'inside', withoutEnlargement: true })
      .jpeg({ quality: thumbnailQuality })
      .toBuffer();
    await store.put(contentHash, 's', jpeg);
  }

  return {
    keep({ contentHash, width, height }, rgb, resizedWidth, resizedHeight) {
      if (!wanted || contentHash === null || (width ?? 0) * (height ?? 0) < largePixels) return undefined;
      return make(contentHash, rgb, resizedWidth, resizedHeight).catch(() => {
        // A full disk, a folder that is gone: one attempt is enough, labeling goes on without.
        wanted = false;
      });
    },
  };
}
