import { chmodSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readBeginning } from '../../../electron/engine/import/beginning.ts';
import { classFolders } from '../../../electron/engine/import/class-folders.ts';
import { temporaryFolder } from '../../support/library.ts';
import { entriesOf, exported, labelsIn, put } from './folder-trip.ts';

const pictures = (home: string, ...paths: string[]) => put(home, Object.fromEntries(paths.map((path) => [path, null])));

const said = async (home: string) =>
  labelsIn(await entriesOf(classFolders, home)).map(({ file, categories }) => [file, ...categories]);

test('the first folder is the category, and those within it belong to it', async () => {
  const home = pictures(temporaryFolder(), 'cat/1.png', 'cat/kittens/2.png', 'dog/a/b/3.png');
  writeFileSync(join(home, 'cat/notes.json'), '{}');
  expect(await said(home)).toEqual([
    ['cat/1.png', 'cat'],
    ['cat/kittens/2.png', 'cat'],
    ['dog/a/b/3.png', 'dog'],
  ]);
});

test('below train, val and test it is the second one; a class called test beside others is a class', async () => {
  expect(await said(pictures(temporaryFolder(), 'train/cat/1.png', 'val/dog/2.png', 'test/dog/3.png'))).toEqual([
    ['test/dog/3.png', 'dog'],
    ['train/cat/1.png', 'cat'],
    ['val/dog/2.png', 'dog'],
  ]);
  expect(await said(pictures(temporaryFolder(), 'test/1.png', 'dog/2.png'))).toEqual([
    ['dog/2.png', 'dog'],
    ['test/1.png', 'test'],
  ]);
});

test('pictures without a class are named, those in the folder for them say nothing', async () => {
  const home = pictures(temporaryFolder(), 'loose.png', '_unlabeled/1.png', 'dog/2.png');
  const entries = await entriesOf(classFolders, home);
  expect(entries).toContainEqual(expect.objectContaining({ file: 'loose.png', invalid: expect.any(String) as string }));
  expect(labelsIn(entries)).toContainEqual(expect.objectContaining({ file: '_unlabeled/1.png', categories: [] }));
});

test('links out of the folder are not followed, and what cannot be read is told', async () => {
  const outside = pictures(temporaryFolder(), 'secret/1.png');
  const home = pictures(temporaryFolder(), 'cat/1.png', 'dog/2.png');
  symlinkSync(join(outside, 'secret'), join(home, 'secret'));
  symlinkSync(join(outside, 'secret/1.png'), join(home, 'cat/linked.png'));
  const entries = await entriesOf(classFolders, home);
  expect(labelsIn(entries).map(({ file }) => file)).toEqual(['cat/1.png', 'dog/2.png']);
  expect(
    entries
      .filter((entry) => 'invalid' in entry)
      .map(({ file }) => file)
      .toSorted(),
  ).toEqual(['cat/linked.png', 'secret']);
});

test('a folder nobody may read and one far too deep are told, the rest is read', async () => {
  const home = pictures(temporaryFolder(), 'cat/1.png', `${'d/'.repeat(140)}deep.png`);
  mkdirSync(join(home, 'locked'));
  chmodSync(join(home, 'locked'), 0);
  const entries = await entriesOf(classFolders, home);
  expect(labelsIn(entries).map(({ file }) => file)).toEqual(['cat/1.png']);
  expect(entries.filter((entry) => 'invalid' in entry).length).toBeGreaterThan(0);
  chmodSync(join(home, 'locked'), 0o700);
});

test('a picture moved to another class since the export is a decision; the others stay what they were', async () => {
  const home = temporaryFolder();
  const predicted = { source: 'photos', score: 0.5, review: 'unreviewed' };
  const { path } = await exported(home, 'class-folders', [
    { fileName: 'a/1.png', labels: ['cat', 'pet'], ...predicted },
    { fileName: 'b/1.png', labels: ['cat'], ...predicted },
    { fileName: 'b/2.png', labels: ['dog?'], ...predicted },
  ]);
  renameSync(join(path, 'cat/1-2.png'), join(path, 'dog_/1-2.png'));
  const found = labelsIn(await entriesOf(classFolders, path)).map(({ picture, ...labels }) => {
    expect(picture).toContain(path);
    return labels;
  });
  const folder = join(home, 'photos');
  expect(found).toEqual([
    { file: 'a/1.png', folder, categories: ['cat', 'pet'], review: null, predicted: true, score: 0.5 },
    { file: 'b/1.png', folder, categories: ['dog?'], review: null, predicted: false, score: null },
    { file: 'b/2.png', folder, categories: ['dog?'], review: null, predicted: true, score: 0.5 },
  ]);
});

test('an export of links comes back by its list', async () => {
  const home = temporaryFolder();
  const picture = { fileName: 'a/1.png', source: 'photos', labels: ['cat'], score: null, review: 'accepted' };
  const { path } = await exported(home, 'class-folders', [picture], { pictures: 'symlink' });
  expect(labelsIn(await entriesOf(classFolders, path))).toEqual([
    {
      file: 'a/1.png',
      folder: join(home, 'photos'),
      categories: ['cat'],
      review: 'accepted',
      predicted: false,
      score: null,
    },
  ]);
});

test('a damaged list is told with its line', async () => {
  const home = pictures(temporaryFolder(), 'cat/1.png');
  writeFileSync(join(home, 'labelwright-class-folders.jsonl'), '{"category":"cat","name":"Cat"}\n{"file":1}\n');
  await expect(entriesOf(classFolders, home)).rejects.toMatchObject({
    code: 'input.invalid',
    message: expect.stringContaining('line 2') as string,
  });
});

test('folders of folders may be classes, a file never is', async () => {
  const home = pictures(temporaryFolder(), 'cat/1.png', 'dog/2.png');
  expect(classFolders.recognises(await readBeginning(home))).toBe(0.3);
  expect(classFolders.recognises(await readBeginning(join(home, 'cat/1.png')))).toBe(0);
});
