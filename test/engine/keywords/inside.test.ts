import { copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { openKeywords } from '../../../electron/engine/keywords/open-keywords.ts';
import { keywordsTable } from '../../../electron/engine/store/keywords.ts';
import { readPicture } from '../../../electron/engine/picture-file.ts';
import { askExifTool, keywordsOf, photoLibrary, tagsOf } from '../../support/keywords.ts';
import { temporaryFolder } from '../../support/library.ts';
import { fixture } from '../../support/pictures.ts';

const photo = fixture('photos', 'cat-chelsea.jpg');
const inside = { where: 'inside' } as const;

/** The sample in each format that keywords are written into, and in some that are left alone. */
async function inEveryFormat(): Promise<Record<string, string>> {
  const folder = temporaryFolder();
  const small = await sharp(readFileSync(photo)).resize(200).toBuffer();
  const files = {
    'a.jpg': await sharp(small)
      .jpeg()
      .withExif({ IFD0: { Artist: 'Somebody' } })
      .toBuffer(),
    'b.png': await sharp(small).png().toBuffer(),
    'c.webp': await sharp(small).webp().toBuffer(),
    'd.tif': await sharp(small).toColourspace('rgb16').tiff({ compression: 'lzw' }).toBuffer(),
    'e.gif': await sharp(small).gif().toBuffer(),
    'f.nef': await sharp(small).tiff().toBuffer(),
  };
  return Object.fromEntries(
    Object.entries(files).map(([name, bytes]) => {
      const path = join(folder, name);
      writeFileSync(path, bytes);
      return [name, path];
    }),
  );
}

const pixels = (path: string) => sharp(readFileSync(path)).raw().toBuffer();

test('inside photos words join those of others, pixels and time stay, RAW and GIF are left alone and named', async () => {
  const { decide, write, restore, at, folder } = await photoLibrary(await inEveryFormat(), (place) => {
    const stage = ['-XMP-dc:Subject=sofa', '-XMP:Rating=4', '-IPTC:Caption-Abstract=On the sofa'];
    askExifTool('-overwrite_original', ...stage, join(place, 'a.jpg'));
  });
  const names = readdirSync(folder);
  const before = new Map(names.map((name) => [name, { bytes: readFileSync(at(name)), stats: statSync(at(name)) }]));
  for (const name of names) await decide(name, 'dog');
  const { changed, leftOut } = await write(inside);
  expect(changed).toBe(4);
  expect(leftOut.first.map(({ fileName }) => fileName).toSorted()).toEqual(['e.gif', 'f.nef']);

  for (const name of ['a.jpg', 'b.png', 'c.webp', 'd.tif']) {
    expect(keywordsOf(at(name)).slice(1), name).toEqual([
      'animal|mammal|dog',
      'animal/mammal/dog',
      'animal/mammal/dog',
    ]);
    expect((await pixels(at(name))).equals(await sharp(before.get(name)!.bytes).raw().toBuffer()), name).toBe(true);
    expect(Math.floor(statSync(at(name)).mtimeMs)).toBe(Math.floor(before.get(name)!.stats.mtimeMs));
  }
  for (const name of ['e.gif', 'f.nef']) expect(readFileSync(at(name)).equals(before.get(name)!.bytes)).toBe(true);
  expect(keywordsOf(at('a.jpg'))[0]).toEqual(['sofa', 'dog']);
  expect(tagsOf(at('a.jpg'))).toMatchObject({
    'XMP-xmp:Rating': 4,
    'IPTC:Caption-Abstract': 'On the sofa',
    'IFD0:Artist': 'Somebody',
  });
  expect(readdirSync(folder)).toEqual(names);

  expect(await restore()).toMatchObject({ changed: 4 });
  expect(keywordsOf(at('a.jpg'))).toEqual(['sofa', undefined, undefined, undefined]);
  expect(keywordsOf(at('b.png'))).toEqual([undefined, undefined, undefined, undefined]);
});

test('a photo that got its words is still the same picture to a scan, which labels nothing anew', async () => {
  const { decide, write, at, status, rescan, store, idOf } = await photoLibrary({ 'a.jpg': photo });
  await decide('a.jpg', 'dog');
  await write({ ...inside, keepTime: false });
  await rescan();
  expect(status('a.jpg')).toBe('done');
  const { contentHash } = await readPicture(at('a.jpg'));
  expect(store.images.file(idOf.get('a.jpg')!)?.contentHash).toBe(contentHash);
  expect(await write(inside)).toMatchObject({ changed: 0, unchanged: 1 });
});

test('a photo that changed since it was labeled is left alone and named', async () => {
  const { decide, write, at } = await photoLibrary({ 'a.jpg': photo });
  await decide('a.jpg', 'dog');
  copyFileSync(fixture('photos', 'cup-of-coffee.jpg'), at('a.jpg'));
  expect((await write(inside)).leftOut.first[0]!.reason).toContain('changed since it was labeled');
  expect(readFileSync(at('a.jpg')).equals(readFileSync(fixture('photos', 'cup-of-coffee.jpg')))).toBe(true);
});

test('ended right after a photo was replaced, the next start knows its words and its new bytes', async () => {
  const { decide, write, at, status, rescan, store, datasetId, idOf } = await photoLibrary({ 'a.jpg': photo });
  await decide('a.jpg', 'dog');
  const table = keywordsTable(store.db);
  const imageId = idOf.get('a.jpg')!;
  const before = table.image(imageId)!;
  await write(inside);
  // As the library stood before the last flush: the step staged, the photo replaced.
  const { now, before: earlier } = table.get(imageId, 'inside')!;
  const { contentHash, sizeBytes, modifiedMs } = await readPicture(at('a.jpg'));
  store.db.exec(`DELETE FROM keywords`);
  store.db
    .prepare(`UPDATE images SET size_bytes = ?, modified_ms = ?, content_hash = ? WHERE id = ?`)
    .run(before.sizeBytes, before.modifiedMs, before.contentHash, imageId);
  const photoFacts = { contentHash, sizeBytes, modifiedMs };
  const step = { imageId, place: 'inside' as const, exportId: 1, now: now!, before: earlier, photo: photoFacts };
  table.stage([{ ...step, beforeBytes: null }]);

  await using keywords = await openKeywords(store);
  await rescan();
  expect(status('a.jpg')).toBe('done');
  expect(keywords.handlers['keywords.state']({ datasetId })).toEqual({ restorable: 1, busy: false });
  await keywords.handlers['keywords.restore']({ datasetId });
  expect(keywordsOf(at('a.jpg'))).toEqual([undefined, undefined, undefined, undefined]);
});

test('ended before a photo was replaced, nothing is believed of it', async () => {
  const { decide, write, at, store, idOf } = await photoLibrary({ 'a.jpg': photo });
  await decide('a.jpg', 'dog');
  const imageId = idOf.get('a.jpg')!;
  const ours = { subject: ['dog'], lightroom: [], digikam: [], microsoft: [] };
  const now = { hash: '0'.repeat(32), ours, only: null };
  const photoFacts = { contentHash: now.hash, sizeBytes: 1, modifiedMs: 1 };
  const step = { imageId, place: 'inside' as const, exportId: 1, now, before: null, photo: photoFacts };
  keywordsTable(store.db).stage([{ ...step, beforeBytes: null }]);
  await using _ = await openKeywords(store);
  expect(keywordsTable(store.db).get(imageId, 'inside')?.now).toBeNull();
  expect(store.images.file(imageId)?.contentHash).not.toBe(now.hash);
  expect(await write(inside)).toMatchObject({ changed: 1 });
  expect(keywordsOf(at('a.jpg'))[0]).toBe('dog');
});

test('without Perl nothing is written inside photos, and one sentence says why', async () => {
  const { decide, write, at } = await photoLibrary({ 'a.jpg': photo });
  await decide('a.jpg', 'dog');
  const path = process.env['PATH'];
  process.env['PATH'] = '/nowhere';
  try {
    await expect(write(inside)).rejects.toMatchObject({ code: 'export.failed', details: { missing: 'perl' } });
    expect(await write()).toMatchObject({ changed: 1 });
  } finally {
    process.env['PATH'] = path;
  }
  expect(keywordsOf(at('a.jpg.xmp'))[0]).toBe('dog');
});
