import { join } from 'node:path';
import { expect, test } from 'vitest';
import { recognise, readBeginning } from '../../../electron/engine/import/beginning.ts';
import { imageSets } from '../../../electron/engine/import/image-sets.ts';
import { temporaryFolder } from '../../support/library.ts';
import { entriesOf, labelsIn, put, told } from './folder-trip.ts';

test('lists of VOC: 1 is in it, -1 and 0 are not; a picture in several splits is one', async () => {
  const home = put(temporaryFolder(), {
    'ImageSets/Main/train.txt': '2008_000001\n2008_000002\n',
    'ImageSets/Main/trainval.txt': '2008_000001\n2008_000002\n2008_000003\n',
    'ImageSets/Main/cat_train.txt': '2008_000001  1\n2008_000002 -1\n',
    'ImageSets/Main/cat_trainval.txt': '2008_000001  1\n2008_000002 -1\n2008_000003  0\n',
    'ImageSets/Main/potted_plant_trainval.txt': '2008_000001  1\n2008_000002 -1\n2008_000003 -1\n',
    'JPEGImages/2008_000001.jpg': null,
  });
  const found = await entriesOf(imageSets, home);
  expect(labelsIn(found).map(({ file, categories }) => [file, ...categories])).toEqual([
    ['JPEGImages/2008_000001.jpg', 'cat', 'potted_plant'],
    ['JPEGImages/2008_000002'],
    ['JPEGImages/2008_000003'],
  ]);
  expect(found[0]).toMatchObject({ picture: join(home, 'JPEGImages/2008_000001.jpg') });
  expect(found[1]).toMatchObject({ withoutExtension: true });
  expect(recognise(await readBeginning(home))?.importer.id).toBe('image-sets');
});

test('a wrong line is told with its place; a folder without lists is refused', async () => {
  const home = put(temporaryFolder(), {
    'ImageSets/Main/val.txt': 'a\n',
    'ImageSets/Main/cat_val.txt': 'a  1\nb yes\n',
  });
  expect(await told(imageSets, home)).toEqual([
    ['cat_val.txt, line 2', 'The line is not a name with 1, 0 or -1'],
    ['JPEGImages/a', 'cat'],
  ]);
  await expect(entriesOf(imageSets, temporaryFolder())).rejects.toMatchObject({ code: 'input.invalid' });
});
