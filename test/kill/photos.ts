/** @file Folders of many small, different photos, cut out of the sample photos. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';

export const samples = join(import.meta.dirname, '../fixtures/photos');

/** Numbers in [0, 1), the same for the same seed. Source: mulberry32, Tommy Ettinger, public domain. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * @param folder  made if it does not exist
 * @param count   files, 100 to a subfolder; each a square of 160 px out of another place, so that no two are alike
 */
export async function makePhotos(folder: string, count: number, seed: number): Promise<void> {
  const random = seededRandom(seed);
  const names = (await readdir(samples)).filter((name) => name.endsWith('.jpg')).sort();
  const pictures = await Promise.all(
    names.map(async (name) => {
      const { data, info } = await sharp(join(samples, name))
        .resize(400, 400, { fit: 'outside' })
        .raw()
        .toBuffer({ resolveWithObject: true });
      return { data, info };
    }),
  );
  for (let index = 0; index < count; index++) {
    const { data, info } = pictures[index % pictures.length]!;
    const left = Math.floor(random() * (info.width - 160));
    const top = Math.floor(random() * (info.height - 160));
    const file = join(folder, `roll ${Math.floor(index / 100)}`, `IMG_${String(index).padStart(5, '0')}.jpg`);
    await mkdir(dirname(file), { recursive: true });
    const raw = { width: info.width, height: info.height, channels: info.channels };
    await writeFile(
      file,
      await sharp(data, { raw }).extract({ left, top, width: 160, height: 160 }).jpeg({ quality: 85 }).toBuffer(),
    );
  }
}
