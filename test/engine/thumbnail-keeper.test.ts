import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { openClassifier } from '../../electron/engine/inference/classifier.ts';
import { openRegistry } from '../../electron/engine/models/registry.ts';
import { openThumbnailStore } from '../../electron/engine/thumbnail-store.ts';
import { thumbnails } from '../../electron/engine/thumbnail.ts';
import { modelsFolder } from '../support/engine.ts';
import { temporaryFolder } from '../support/library.ts';
import { difference } from '../support/decoded.ts';
import { samplePhotos } from '../support/pictures.ts';

/** A photo with so many pixels, lying on its side and marked so. */
async function writePhoto(path: string, width: number, height: number, orientation = 1): Promise<string> {
  const photo = sharp(readFileSync(samplePhotos[0]!)).resize(width, height, { fit: 'cover' });
  writeFileSync(path, await photo.withMetadata({ orientation }).jpeg().toBuffer());
  return path;
}

/** Label some files with the bundled model, keeping small copies in a folder. */
async function label(paths: string[], folder: string): Promise<string[]> {
  const model = await openRegistry([modelsFolder]).get('resnext26-tags');
  await using classifier = await openClassifier(model, {
    threads: 1,
    embeddings: false,
    provider: 'cpu',
    thumbnails: folder,
  });
  const images = await classifier.classify(
    paths.map((path, id) => ({ id, path })),
    { topK: 1 },
  );
  return images.map((image) => {
    if (!image.ok) throw new Error(image.message);
    return image.contentHash!;
  });
}

test('labeling leaves a small copy of a large photo where the screen looks for it, and none of a small one', async () => {
  const [photos, folder] = [temporaryFolder(), temporaryFolder()];
  const large = await writePhoto(join(photos, 'large.jpg'), 2600, 1800, 6);
  const small = await writePhoto(join(photos, 'small.jpg'), 640, 480);
  const [largeHash, smallHash] = await label([large, small], folder);
  const store = openThumbnailStore(folder);

  expect(await store.has(largeHash!, 's')).toBe(true);
  expect(await store.has(smallHash!, 's')).toBe(false);
  const kept = readFileSync(store.fileOf(largeHash!, 's'));
  const { width, height, format } = await sharp(kept).metadata();
  expect(format).toBe('jpeg');
  expect(height).toBeGreaterThan(width);
  expect(height).toBeGreaterThanOrEqual(280);
  expect(height).toBeLessThanOrEqual(320);

  // The same look as one made for the purpose.
  const made = await thumbnails(temporaryFolder()).get(large, 's', { contentHash: null });
  const look = (bytes: Buffer) => sharp(bytes).resize(64, 96, { fit: 'fill' }).raw().toBuffer();
  expect(difference(await look(kept), await look(readFileSync(made.path)))).toBeLessThan(4);
  expect((await thumbnails(folder).get(large, 's', { contentHash: null })).path).toBe(store.fileOf(largeHash!, 's'));
});

test('a copy that is there already is left as it is', async () => {
  const [photos, folder] = [temporaryFolder(), temporaryFolder()];
  const large = await writePhoto(join(photos, 'large.jpg'), 2600, 1800);
  const [contentHash] = await label([large], folder);
  const file = openThumbnailStore(folder).fileOf(contentHash!, 's');
  writeFileSync(file, 'mine');
  await label([large], folder);

  expect(readFileSync(file, 'utf8')).toBe('mine');
  expect(readdirSync(join(file, '..'))).toHaveLength(1);
});

test('a folder that cannot hold anything costs the copies, not the labels', async () => {
  const photos = temporaryFolder();
  const large = await writePhoto(join(photos, 'large.jpg'), 2600, 1800);
  const nowhere = join(photos, 'file');
  writeFileSync(nowhere, '');

  expect(await label([large, large], nowhere)).toHaveLength(2);
  expect(statSync(nowhere).size).toBe(0);
  expect(existsSync(join(nowhere, 'x'))).toBe(false);
});
