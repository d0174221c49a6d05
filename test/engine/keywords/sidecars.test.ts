import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { askExifTool, keywordsOf, photoLibrary, tagsOf } from '../../support/keywords.ts';
import { fixture } from '../../support/pictures.ts';

const cat = fixture('photos', 'cat-chelsea.jpg');
const cup = fixture('photos', 'cup-of-coffee.jpg');
const dogWords = [['dog'], ['animal|mammal|dog'], ['animal/mammal/dog'], ['animal/mammal/dog']];
const lists = (words: unknown[]) => words.map((word) => (Array.isArray(word) || word === undefined ? word : [word]));

test('a sidecar holds a decision in the four fields that photo programs read, and photos are not touched', async () => {
  const { decide, write, at, folder } = await photoLibrary();
  const before = readFileSync(at('cat-chelsea.jpg'));
  await decide('cat-chelsea.jpg', 'dog');
  await decide('cup-of-coffee.jpg', 'cup');
  expect(await write()).toMatchObject({ changed: 2, unchanged: 0, leftOut: { count: 0 } });

  expect(lists(keywordsOf(at('cat-chelsea.jpg.xmp')))).toEqual(dogWords);
  expect(lists(keywordsOf(at('cup-of-coffee.jpg.xmp')))).toEqual([['cup'], ['cup'], ['cup'], ['cup']]);
  expect(readFileSync(at('cat-chelsea.jpg'))).toEqual(before);
  expect(readdirSync(folder).filter((name) => !name.endsWith('.jpg'))).toEqual([
    'cat-chelsea.jpg.xmp',
    'cup-of-coffee.jpg.xmp',
  ]);
  expect(await write()).toMatchObject({ changed: 0, unchanged: 2 });
});

test('what others wrote into a sidecar survives, and only our word goes when the decision does', async () => {
  const { decide, write, restore, at } = await photoLibrary({ 'a.jpg': cat });
  const sidecar = at('a.jpg.xmp');
  const stage = ['-XMP-dc:Subject=holiday', '-XMP-dc:Subject=1.10', '-XMP-dc:Subject=True', '-XMP:Rating=4'];
  askExifTool(...stage, '-XMP-dc:Description=On the sofa', '-XMP-digiKam:TagsList=trips/holiday', '-o', sidecar);
  const original = readFileSync(sidecar);

  await decide('a.jpg', 'dog');
  expect(await write()).toMatchObject({ changed: 1, leftOut: { count: 0 } });
  expect(keywordsOf(sidecar)[0]).toEqual(
    ['holiday', '1.10', 'True', 'dog'].map((word) => (word === '1.10' ? 1.1 : word === 'True' ? true : word)),
  );
  expect(readFileSync(sidecar, 'utf8')).toContain('<rdf:li>1.10</rdf:li>');
  expect(readFileSync(sidecar, 'utf8')).toContain('<rdf:li>True</rdf:li>');
  expect(keywordsOf(sidecar)[2]).toEqual(['trips/holiday', 'animal/mammal/dog']);
  expect(tagsOf(sidecar)).toMatchObject({ 'XMP-xmp:Rating': 4, 'XMP-dc:Description': 'On the sofa' });

  expect(await restore()).toMatchObject({ changed: 1 });
  expect(readFileSync(sidecar)).toEqual(original);

  await write();
  await decide('a.jpg', 'cup');
  await write();
  expect(lists(keywordsOf(sidecar).slice(1))).toEqual([['cup'], ['trips/holiday', 'cup'], ['cup']]);
  expect(readFileSync(sidecar, 'utf8')).not.toContain('dog');
  expect(tagsOf(sidecar)).toMatchObject({ 'XMP-xmp:Rating': 4, 'XMP-dc:Description': 'On the sofa' });
});

test('a word that somebody else had put there stays when the decision goes', async () => {
  const { decide, write, at } = await photoLibrary({ 'a.jpg': cat });
  askExifTool('-XMP-dc:Subject=dog', '-o', at('a.jpg.xmp'));
  await decide('a.jpg', 'dog');
  await write();
  await decide('a.jpg', 'cup');
  await write();
  expect(keywordsOf(at('a.jpg.xmp'))[0]).toEqual(['dog', 'cup']);
});

test('a sidecar of our own goes with its last word, and comes back when that is taken back', async () => {
  const { decide, write, restore, at, store, datasetId } = await photoLibrary({ 'a.jpg': cat });
  await decide('a.jpg', 'dog');
  await write();
  const written = readFileSync(at('a.jpg.xmp'));
  await store.decisions.undo(datasetId);
  await store.decisions.settled();
  expect(await write()).toMatchObject({ changed: 1 });
  expect(existsSync(at('a.jpg.xmp'))).toBe(false);
  await restore();
  expect(readFileSync(at('a.jpg.xmp'))).toEqual(written);
  await expect(restore()).rejects.toMatchObject({ code: 'not-found' });
});

test('going back leaves what somebody wrote since', async () => {
  const { decide, write, restore, at } = await photoLibrary({ 'a.jpg': cat });
  await decide('a.jpg', 'dog');
  await write();
  askExifTool('-overwrite_original', '-XMP-dc:Subject+=sofa', at('a.jpg.xmp'));
  await restore();
  expect(lists(keywordsOf(at('a.jpg.xmp')))).toEqual([['sofa'], undefined, undefined, undefined]);
});

test('keywords of the photo itself are in its new sidecar, which would hide them otherwise', async () => {
  const { decide, write, at } = await photoLibrary({ 'a.jpg': cat }, (folder) => {
    askExifTool('-overwrite_original', '-XMP-dc:Subject=sofa', join(folder, 'a.jpg'));
  });
  await decide('a.jpg', 'dog');
  await write();
  expect(keywordsOf(at('a.jpg.xmp'))[0]).toEqual(['sofa', 'dog']);
  await decide('a.jpg', 'cup');
  await write();
  expect(keywordsOf(at('a.jpg.xmp'))[0]).toEqual(['sofa', 'cup']);
});

test('odd names are written whole: line breaks, emoji, a dash or a percent sign in front', async () => {
  const names = ['-a.jpg', '%d.jpg', 'x\ny/line\nbreak.jpg', 'émile 🌷.jpg', '100%/#1 $@.jpg'];
  const { decide, write, at } = await photoLibrary(Object.fromEntries(names.map((name) => [name, cat])));
  for (const name of names) {
    // Somebody else's, so that ExifTool has to write it.
    copyFileSync(fixture('sidecars', 'rated.xmp'), at(`${name}.xmp`));
    await decide(name, 'dog\nand "cat" & <cup>');
  }
  expect(await write()).toMatchObject({ changed: names.length, leftOut: { count: 0, first: [] } });
  for (const name of names) {
    copyFileSync(at(`${name}.xmp`), at('look.xmp'));
    expect(keywordsOf(at('look.xmp'))[0]).toEqual(['sofa', 'dog\nand "cat" & <cup>']);
  }
});

test('each file that cannot be written is named, and the rest is', async () => {
  const names = ['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg', 'e.jpg', 'locked/f.jpg'];
  const { decide, write, at } = await photoLibrary(Object.fromEntries(names.map((name) => [name, cat])));
  for (const name of names) await decide(name, name === 'd.jpg' ? 'AC/DC' : 'dog');
  mkdirSync(at('a.jpg.xmp'));
  rmSync(at('b.jpg'));
  copyFileSync(cup, at('c.jpg'));
  writeFileSync(at('locked/f.jpg.xmp'), 'not XML at all');
  chmodSync(at('locked'), 0o755);
  const { changed, leftOut } = await write();
  expect(changed).toBe(1);
  expect(keywordsOf(at('e.jpg.xmp'))[0]).toBe('dog');
  const reasons = Object.fromEntries(leftOut.first.map(({ fileName, reason }) => [fileName, reason]));
  expect(Object.keys(reasons).toSorted()).toEqual(['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg', 'locked/f.jpg']);
  expect(reasons['b.jpg']).toContain('not there any more');
  expect(reasons['c.jpg']).toContain('changed since it was labeled');
  expect(reasons['d.jpg']).toContain('AC/DC has a / or |');
  expect(readFileSync(at('locked/f.jpg.xmp'), 'utf8')).toBe('not XML at all');
});

test('of two photos with one sidecar for Lightroom the second is named', async () => {
  const { decide, write, at } = await photoLibrary({ 'a.jpg': cat, 'a.png': cup, 'b.nef': cat });
  for (const name of ['a.jpg', 'a.png', 'b.nef']) await decide(name, 'dog');
  const { changed, leftOut } = await write({ where: 'sidecar-lightroom' });
  expect(changed).toBe(2);
  expect(leftOut.first).toEqual([{ fileName: 'a.png', reason: 'Its sidecar is the one of a.jpg' }]);
  expect(keywordsOf(at('b.xmp'))[0]).toBe('dog');
});

test('cancelled, what is done stays whole and known, and the next export does the rest', async () => {
  const names = Array.from({ length: 150 }, (_, place) => `${place}.jpg`);
  const { write, keywords, datasetId, folder, at } = await photoLibrary(
    Object.fromEntries(names.map((name) => [name, cat])),
  );
  const predictions = { include: 'predictions' } as const;
  const first = write(undefined, predictions);
  await keywords.handlers['keywords.cancel']({ datasetId });
  await expect(write(undefined, predictions)).rejects.toMatchObject({ code: 'busy' });
  const { changed } = await first;
  expect(changed).toBeLessThan(names.length);
  const { changed: rest, unchanged } = await write(undefined, predictions);
  expect([changed + rest, unchanged]).toEqual([names.length, changed]);
  expect(keywordsOf(at('149.jpg.xmp'))[0]).toBe('cup');
  expect(readdirSync(folder)).toHaveLength(2 * names.length);
});
