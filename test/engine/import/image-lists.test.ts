import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findLabels, readBeginning, recognise } from '../../../electron/engine/import/beginning.ts';
import { imageLists } from '../../../electron/engine/import/image-lists.ts';
import { temporaryFolder } from '../../support/library.ts';
import { entriesOf, labelsIn, put, told } from './folder-trip.ts';

const labels = '0 tench, Tinca tinca\n1 goldfish\n';

test('the last field is the number, whatever stands before it is the path', async () => {
  const home = put(temporaryFolder(), {
    'label_list.txt': labels,
    'train_list.txt': 'train/a.jpg 0\r\n./train/b  c.jpg\t1\n\ntrain\\d e.jpg 1',
    'val_list.txt': '\uFEFFval/é 1.jpg 0\n',
  });
  expect(await told(imageLists, home)).toEqual([
    ['train/a.jpg', 'tench, Tinca tinca'],
    ['train/b  c.jpg', 'goldfish'],
    ['train\\d e.jpg', 'goldfish'],
    ['val/é 1.jpg', 'tench, Tinca tinca'],
  ]);
  expect(recognise(await readBeginning(home))?.importer.id).toBe('image-lists');
});

test('names without numbers count from 0; without names a number is its own; flags are several labels', async () => {
  const lists = { 'train_list.txt': 'a.jpg 1\nb.jpg\t1,0,1\n' };
  expect(await told(imageLists, put(temporaryFolder(), { ...lists, 'labels.txt': 'cat\ndog\n3 birds\n' }))).toEqual([
    ['a.jpg', 'dog'],
    ['b.jpg', 'cat', '3 birds'],
  ]);
  expect(await told(imageLists, put(temporaryFolder(), lists))).toEqual([
    ['a.jpg', '1'],
    ['b.jpg', '0', '2'],
  ]);
});

test('a list alone may be chosen; the names of numbers and the pictures beside it count', async () => {
  const home = put(temporaryFolder(), {
    'label_list.txt': labels,
    'train_list.txt': 'images/a b.jpg 0\nimages/c.png 1\n',
    'val_list.txt': 'images/d.jpg 0\n',
    'mine.txt': 'x.jpeg\t1\n',
    'notes.txt': 'a.jpg is from 2019\nb.jpg 12\nand more\n',
    'images/a b.jpg': null,
  });
  const { beginning, importer } = await findLabels(join(home, 'train_list.txt'));
  expect(importer.id).toBe('image-list');
  const entries = labelsIn(await entriesOf(importer, beginning.path));
  expect(entries.map(({ file, categories }) => [file, ...categories])).toEqual([
    ['images/a b.jpg', 'tench, Tinca tinca'],
    ['images/c.png', 'goldfish'],
  ]);
  expect(entries[0]!.picture).toBe(join(home, 'images/a b.jpg'));
  expect((await findLabels(join(home, 'mine.txt'))).importer.id).toBe('image-list');
  expect((await findLabels(home)).importer.id).toBe('image-lists');
  for (const other of ['label_list.txt', 'notes.txt']) {
    expect(recognise(await readBeginning(join(home, other)))?.importer.id).not.toBe('image-list');
  }
});

test('lists are found among thousands of pictures', async () => {
  const pictures = Object.fromEntries(Array.from({ length: 1100 }, (_, index) => [`IMG_${1000 + index}.JPG`, '']));
  const home = put(temporaryFolder(), { ...pictures, 'train_list.txt': 'IMG_1000.JPG 1\n', 'label_list.txt': labels });
  expect(recognise(await readBeginning(home))?.importer.id).toBe('image-lists');
  expect(await told(imageLists, home)).toEqual([['IMG_1000.JPG', 'goldfish']]);
});

test('a line without a number or with an unknown one is told, the rest is read', async () => {
  const home = put(temporaryFolder(), { 'label_list.txt': labels, 'train_list.txt': 'a.jpg\nb.jpg 2\nc.jpg 1\n' });
  expect(await told(imageLists, home)).toEqual([
    ['train_list.txt, line 1', 'The line does not end in the number of a category'],
    ['train_list.txt, line 2', 'There is no category 2 in label_list.txt'],
    ['c.jpg', 'goldfish'],
  ]);
});

test('pictures beside the lists are named, but none that lies outside', async () => {
  const outside = put(temporaryFolder(), { 'secret.jpg': null });
  const home = put(temporaryFolder(), {
    'pictures/a.jpg': null,
    'train_list.txt': `pictures/a.jpg 0\n../${outside.split('/').at(-1)}/secret.jpg 0\n${outside}/secret.jpg 0\nlink/secret.jpg 0\nlinked.jpg 0\n`,
  });
  symlinkSync(outside, join(home, 'link'));
  symlinkSync(join(outside, 'secret.jpg'), join(home, 'linked.jpg'));
  const found = labelsIn(await entriesOf(imageLists, home));
  expect(found.map(({ picture }) => picture)).toEqual([
    join(home, 'pictures/a.jpg'),
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test('text that is not UTF-8, an endless line and a link for a list are refused', async () => {
  const latin = put(temporaryFolder(), { 'train_list.txt': '' });
  writeFileSync(join(latin, 'train_list.txt'), Buffer.from([0xe9, 0x2e, 0x20, 0x30, 0x0a]));
  const endless = put(temporaryFolder(), { 'train_list.txt': 'x'.repeat(2_000_000) });
  const linked = temporaryFolder();
  symlinkSync('/dev/zero', join(linked, 'train_list.txt'));
  for (const home of [latin, endless, linked]) {
    await expect(entriesOf(imageLists, home)).rejects.toMatchObject({ code: 'input.invalid' });
  }
});
