import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { splitNames, type ExportOptions, type ExportRow, type Split } from '#core/export-options.ts';
import type { ExportSource, RowChoice } from '../../../electron/engine/export/exporter.ts';
import { splitPictures } from '../../../electron/engine/export/split.ts';
import { writeFolder } from '../../../electron/engine/export/write-folder.ts';
import { anyRows } from './any-rows.ts';
import { dataOptions, exportSource, folderExporter, mixedRows, row } from './source.ts';

const formats = ['class-folders', 'cvat-imagenet', 'imagefolder', 'image-lists', 'image-sets', 'labelme-flags'];
const split = { train: 0.5, val: 0.25, test: 0.25, seed: 1 };
let home: string;
beforeAll(() => void (home = mkdtempSync(join(tmpdir(), 'labelwright-folders-'))));
afterAll(() => rmSync(home, { recursive: true }));

function listed(format: string, rows: ExportRow[], options: ExportOptions = dataOptions) {
  const leftOut = new Set<number>();
  const source = exportSource(rows, { leaveOut: ({ imageId }) => void leftOut.add(imageId) });
  const entries = [...folderExporter(format).entries(source, options)].flatMap((entry) =>
    entry
      ? {
          path: entry.path,
          picture: 'picture' in entry ? entry.picture : undefined,
          text: 'text' in entry ? [...entry.text].join('') : '',
        }
      : [],
  );
  return { entries, leftOut };
}

/** By image id. */
function parted(source: ExportSource, split: Split): Map<number, string | null> {
  const steps = splitPictures(source, split);
  let step = steps.next();
  while (!step.done) step = steps.next();
  const of = step.value;
  const ids = new Set([...source.rows()].map(({ imageId }) => imageId));
  return new Map([...ids].map((imageId, place) => [imageId, of(place)]));
}

const labeled = (imageId: number, label: string, fileName = `${imageId}.jpg`) =>
  row({ imageId, fileName, categoryId: label === 'dog' ? 7 : 12, label, score: 0.9, rank: 1, origin: 'prediction' });

test.each(formats)('%s gives the golden paths and texts', async (format) => {
  const { entries } = listed(format, mixedRows);
  const text = entries.map(({ path, text }) => `== ${path}\n${text}`).join('');
  await expect(text).toMatchFileSnapshot(`../../fixtures/golden/mixed.${format}.txt`);
});

test.each(formats)('%s has every picture or names it as left out, under paths any system takes', (format) => {
  fc.assert(
    fc.property(anyRows, fc.boolean(), (rows, isSplit) => {
      const { entries, leftOut } = listed(format, rows, { ...dataOptions, split: isSplit ? split : null });
      const ids = entries.flatMap(({ picture }) => picture?.imageId ?? []);
      const all = new Set(rows.map(({ imageId }) => imageId));
      expect(new Set([...ids, ...leftOut])).toEqual(all);
      expect(ids).toHaveLength(all.size - leftOut.size);
      const paths = entries.map(({ path }) => path.normalize('NFC').toLowerCase());
      expect(new Set(paths).size).toBe(paths.length);
      for (const path of paths) {
        expect(path).not.toMatch(/[\0-\x1f\\:*?"<>|]|(?:^|\/)\.{0,2}(?:\/|$)|\.(?:\/|$)/);
      }
    }),
    { numRuns: 60 },
  );
});

test('class folders hold what is labeled, and the list tells which file was which picture', () => {
  const rows = [labeled(1, 'dog', 'a/x.jpg'), labeled(2, 'dog', 'b/x.jpg'), row({ imageId: 3, fileName: 'none.jpg' })];
  const { entries, leftOut } = listed('class-folders', rows);
  expect(entries.map(({ path }) => path)).toEqual(['dog/x.jpg', 'dog/x-2.jpg', 'labelwright-class-folders.jsonl']);
  expect(entries.at(-1)!.text).toContain(
    '"file":"dog/x-2.jpg","file_name":"b/x.jpg","source":"/photos/spring","labels":["dog"]',
  );
  expect([...leftOut]).toEqual([3]);
});

test('lists use a tab only where a path has a space', () => {
  const text = (rows: ExportRow[]) =>
    listed('image-lists', rows).entries.find(({ path }) => path === 'train_list.txt')!.text;
  expect(text([labeled(1, 'dog')])).toBe('images/1.jpg 0\n');
  expect(text([labeled(1, 'dog', 'a b.jpg')])).toBe('images/a b.jpg\t0\n');
});

test('pictures that differ in their extension only keep labels of their own', () => {
  const rows = [labeled(1, 'dog', 'a.jpg'), labeled(2, 'dog', 'a.png'), labeled(3, 'dog', 'v1.2')];
  expect(
    listed('labelme-flags', rows)
      .entries.map(({ path }) => path)
      .slice(0, -1),
  ).toEqual(['a.jpg', 'a.json', 'a-2.png', 'a-2.json', 'v1.2', 'v1.json']);
  expect(listed('image-sets', rows).entries[1]!.path).toBe('JPEGImages/a-2.png');
});

test('a name too long for other systems is cut before its extension, however long it is', () => {
  const path = listed('class-folders', [labeled(1, 'dog', `${'é'.repeat(30_000)}.jpg`)]).entries[0]!.path;
  expect(path).toMatch(/^dog\/é+\.jpg$/);
  expect(Buffer.byteLength(path)).toBeLessThanOrEqual(204);
});

test('a split takes its share of each category, is the same for the same seed, and another for another', () => {
  const rows = Array.from({ length: 80 }, (_, index) => labeled(index + 1, index % 2 ? 'dog' : 'cat'));
  const parts = parted(exportSource(rows), split);
  const count = (label: string, name: string) =>
    rows.filter((one) => one.label === label && parts.get(one.imageId) === name).length;
  for (const label of ['dog', 'cat']) {
    expect([count(label, 'train'), count(label, 'val'), count(label, 'test')]).toEqual([20, 10, 10]);
  }
  expect(parted(exportSource(rows), split)).toEqual(parts);
  expect(parted(exportSource(rows), { ...split, seed: 2 })).not.toEqual(parts);
});

/** Each category's units by the first 32 bits of SHA-256 over seed, folder and name; the part that lacks most gets the next. */
function partedPlainly(rows: ExportRow[], split: Split, groupOf: (imageId: number) => number | undefined) {
  const units = Map.groupBy(
    rows.filter(({ rank }) => rank === null || rank === 1),
    ({ imageId }) => groupOf(imageId) ?? `alone ${imageId}`,
  );
  const parts = new Map<number, string>();
  for (const ofCategory of Map.groupBy(units.values(), ([first]) => first!.categoryId).values()) {
    const place = ([first]: ExportRow[]) =>
      createHash('sha256').update(`${split.seed}\0${first!.source}\0${first!.fileName}`).digest().readUInt32BE();
    const total = ofCategory.flat().length;
    const left = new Map(splitNames.map((name) => [name, split[name] * total]));
    for (const unit of ofCategory.toSorted((a, b) => place(a) - place(b))) {
      const part = [...left].reduce((most, next) => (next[1] > most[1] ? next : most))[0];
      left.set(part, left.get(part)! - unit.length);
      for (const { imageId } of unit) parts.set(imageId, part);
    }
  }
  return parts;
}

test('a split is that of its definition, whatever there is', () => {
  const shares = fc.tuple(fc.nat(100), fc.nat(100), fc.nat(100)).map(([train, val, test]) => {
    const all = train + val + test || 1;
    return { train: train / all, val: val / all, test: test / all };
  });
  fc.assert(
    fc.property(anyRows, shares, fc.nat(), fc.integer({ min: 1, max: 6 }), (any, shares, seed, groups) => {
      const rows = any.map((row) => ({ ...row, fileName: `${row.imageId}${row.fileName}` }));
      const groupOf = (imageId: number) => (imageId % 2 ? imageId % groups : undefined);
      const split = { ...shares, seed };
      expect(parted(exportSource(rows, { groupOf }), split)).toEqual(partedPlainly(rows, split, groupOf));
    }),
  );
});

test('a split looks ahead, so that what it reads does not count as written', () => {
  const source = exportSource([labeled(1, 'dog')]);
  const choices: unknown[] = [];
  const watched = { ...source, rows: (choice?: RowChoice) => (choices.push(choice), source.rows(choice)) };
  expect([...splitPictures(watched, split)]).not.toEqual([]);
  expect(choices).toEqual([{ ahead: true }]);
});

test('near duplicates are never parted', () => {
  const rows = Array.from({ length: 60 }, (_, index) => labeled(index + 1, index % 2 ? 'dog' : 'cat'));
  const groupOf = (imageId: number) => (imageId <= 30 ? Math.ceil(imageId / 5) : undefined);
  const parts = parted(exportSource(rows, { groupOf }), split);
  for (let group = 1; group <= 6; group++) {
    const members = rows.filter(({ imageId }) => groupOf(imageId) === group);
    expect(new Set(members.map(({ imageId }) => parts.get(imageId))).size).toBe(1);
  }
  expect(parts.size).toBe(60);
});

async function write(name: string, pictures: 'copy' | 'hard-link' | 'symlink' | 'none') {
  const folder = join(home, 'photos');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, '1.jpg'), 'one');
  const rows = [1, 2].map((id) => ({ ...labeled(id, 'dog'), source: folder }));
  const reasons: string[] = [];
  const target = join(home, name);
  const entries = folderExporter('class-folders').entries(exportSource(rows), dataOptions);
  await writeFolder(target, entries, { pictures, leaveOut: (_, reason) => void reasons.push(reason) });
  return { target, reasons, folder };
}

test('pictures are copied, or linked, and one that is gone is named while the rest goes on', async () => {
  const copied = await write('copied', 'copy');
  expect(readFileSync(join(copied.target, 'dog/1.jpg'), 'utf8')).toBe('one');
  expect(copied.reasons).toEqual(['The file is not there any more']);
  expect(readdirSync(copied.target).toSorted()).toEqual(['dog', 'labelwright-class-folders.jsonl']);
  const linked = await write('linked', 'hard-link');
  expect(lstatSync(join(linked.target, 'dog/1.jpg')).ino).toBe(lstatSync(join(linked.folder, '1.jpg')).ino);
  const pointed = await write('pointed', 'symlink');
  expect(lstatSync(join(pointed.target, 'dog/1.jpg')).isSymbolicLink()).toBe(true);
  const none = await write('none', 'none');
  expect(readdirSync(none.target)).toEqual(['labelwright-class-folders.jsonl']);
});

test('a folder that is not empty is refused and stays as it was; so is a link', async () => {
  const { target } = await write('kept', 'copy');
  const before = readdirSync(target);
  await expect(write('kept', 'copy')).rejects.toMatchObject({ code: 'export.failed' });
  expect(readdirSync(target)).toEqual(before);
  symlinkSync(target, join(home, 'link'));
  await expect(write('link', 'copy')).rejects.toMatchObject({ code: 'export.failed' });
});

test('an export that fails in the middle leaves nothing behind', async () => {
  const before = readdirSync(home).toSorted();
  function* entries() {
    yield { path: 'a.txt', text: ['a'] };
    throw new Error('gone');
  }
  const options = { pictures: 'none' as const, leaveOut: () => {} };
  await expect(writeFolder(join(home, 'half'), entries(), options)).rejects.toMatchObject({ code: 'export.failed' });
  expect(readdirSync(home).toSorted()).toEqual(before);
});
