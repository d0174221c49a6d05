import { expect, test } from 'vitest';
import { recognise, readBeginning } from '../../../electron/engine/import/beginning.ts';
import { cvatImagenet } from '../../../electron/engine/import/cvat-imagenet.ts';
import { temporaryFolder } from '../../support/library.ts';
import { put, told } from './folder-trip.ts';

test('the class in front of a name is taken away', async () => {
  const home = put(temporaryFolder(), {
    'cat/cat_1.png': null,
    'cat/cat_a b.png': null,
    'big dog/big dog_2.png': null,
    'no_label/no_label_3.png': null,
  });
  expect(recognise(await readBeginning(home))?.importer.id).toBe('cvat-imagenet');
  expect((await told(cvatImagenet, home)).toSorted()).toEqual([
    ['big dog/2.png', 'big dog'],
    ['cat/1.png', 'cat'],
    ['cat/a b.png', 'cat'],
    ['no_label/3.png'],
  ]);
});

test('lists with synsets.txt: names in quotes, several classes, none, and wrong ones', async () => {
  const home = put(temporaryFolder(), {
    'synsets.txt': 'cat\nbig dog\n',
    'train.txt': 'a.jpg 0\n"b c".png 1 0\nsub/d\ne.jpg 2\n"f 1\n',
  });
  expect(recognise(await readBeginning(home))?.importer.id).toBe('cvat-imagenet');
  expect(await told(cvatImagenet, home)).toEqual([
    ['a.jpg', 'cat'],
    ['b c.png', 'big dog', 'cat'],
    ['sub/d'],
    ['train.txt, line 4', 'There is no class 2 in synsets.txt'],
    ['"f', 'big dog'],
  ]);
});
