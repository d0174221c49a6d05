import { mkdirSync, writeFileSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readBeginning } from '../../../electron/engine/import/beginning.ts';
import type { ImportEntry } from '../../../electron/engine/import/importer.ts';
import { xmp } from '../../../electron/engine/import/xmp.ts';
import { askExifTool, photoLibrary } from '../../support/keywords.ts';
import { temporaryFolder } from '../../support/library.ts';
import { fixture } from '../../support/pictures.ts';
import { inShort, labelsOf } from './entries.ts';

const photo = fixture('photos', 'cat-chelsea.jpg');

async function read(folder: string): Promise<ImportEntry[]> {
  const entries: ImportEntry[] = [];
  const beginning = await readBeginning(folder);
  for await (const entry of xmp.read(beginning, { table: null, onBytes: () => {} })) entries.push(entry);
  return entries;
}

test('what was exported comes back, from sidecars and from inside photos', async () => {
  for (const where of ['sidecar', 'inside', 'sidecar-lightroom'] as const) {
    const { decide, write, folder } = await photoLibrary({ 'a/x.jpg': photo, 'a/y\nz.jpg': photo, 'b.jpg': photo });
    await decide('a/x.jpg', 'dog');
    await decide('a/y\nz.jpg', 'cup, of "tea" & <more>');
    await write({ where });
    const entries = await read(folder);
    expect(inShort(entries).toSorted()).toEqual(['a/x.jpg: dog', 'a/y\nz.jpg: cup, of "tea" & <more>']);
    expect(labelsOf(entries).every((entry) => entry.folder === folder && !entry.withoutExtension)).toBe(true);
  }
});

test('hierarchical words count before flat ones, levels above give none, and a sidecar before its photo', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'deep'));
  for (const name of ['a.jpg', 'b.jpg', 'deep/c.jpg', 'none.jpg']) copyFileSync(photo, join(folder, name));
  const flat = ['-XMP-dc:Subject=animal', '-XMP-dc:Subject=dog'];
  askExifTool(
    '-overwrite_original',
    ...flat,
    '-XMP-lr:HierarchicalSubject=animal',
    '-XMP-lr:HierarchicalSubject=animal|dog',
    join(folder, 'a.jpg'),
  );
  askExifTool('-overwrite_original', ...flat, join(folder, 'b.jpg'));
  askExifTool('-XMP-digiKam:TagsList=animal/1.10', '-o', join(folder, 'b.jpg.xmp'));
  askExifTool('-overwrite_original', '-IPTC:Keywords=cup', join(folder, 'deep/c.jpg'));
  askExifTool('-XMP-dc:Subject=alone', '-o', join(folder, 'deep/elsewhere.xmp'));
  const entries = await read(folder);
  expect(inShort(entries)).toEqual(['a.jpg: dog', 'b.jpg: 1.10', 'deep/c.jpg: cup', 'deep/elsewhere: alone']);
  expect(labelsOf(entries).at(-1)!.withoutExtension).toBe(true);
});

test('a sidecar that cannot be read is named, and its neighbours are read', async () => {
  const folder = temporaryFolder();
  for (const name of ['a.jpg', 'b.jpg']) copyFileSync(photo, join(folder, name));
  writeFileSync(join(folder, 'a.jpg.xmp'), '');
  askExifTool('-XMP-dc:Subject=dog', '-o', join(folder, 'b.jpg.xmp'));
  const entries = await read(folder);
  expect(inShort(entries).at(-1)).toBe('b.jpg: dog');
  expect(entries.filter((entry) => 'invalid' in entry).map(({ place }) => place)).toEqual(['a.jpg.xmp']);
});

test('a folder with sidecars is recognised, one with photos alone is hardly', async () => {
  const folder = temporaryFolder();
  copyFileSync(photo, join(folder, 'a.jpg'));
  expect(xmp.recognises(await readBeginning(folder))).toBe(0.1);
  writeFileSync(join(folder, 'a.jpg.xmp'), 'x');
  expect(xmp.recognises(await readBeginning(folder))).toBe(0.6);
});
