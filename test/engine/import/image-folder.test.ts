import { join } from 'node:path';
import { expect, test } from 'vitest';
import { recognise, readBeginning } from '../../../electron/engine/import/beginning.ts';
import { imageFolder } from '../../../electron/engine/import/image-folder.ts';
import { temporaryFolder } from '../../support/library.ts';
import { entriesOf, labelsIn, put, told } from './folder-trip.ts';

test('metadata lies at the top or in a split, and its names are relative to it', async () => {
  const home = put(temporaryFolder(), {
    'metadata.csv': '\uFEFFfile_name,label\r\na.jpg,cat\r\n"b,\n1.jpg","dog ""x"""\r\n',
    'train/metadata.jsonl':
      '{"file_name":"c/d.jpg","labels":["cat","dog"],"label":"cat"}\n{"file_name":"e.jpg","label":7}\n',
    'train/c/d.jpg': null,
    'data/test/metadata.jsonl': '{"file_name":"f.jpg","label":null,"text":"a caption"}\n',
  });
  expect(await told(imageFolder, home)).toEqual([
    ['a.jpg', 'cat'],
    ['b,\n1.jpg', 'dog "x"'],
    ['train/c/d.jpg', 'cat', 'dog'],
    ['train/e.jpg', '7'],
    ['data/test/f.jpg'],
  ]);
  const found = labelsIn(await entriesOf(imageFolder, home));
  expect(found[2]!.picture).toBe(join(home, 'train/c/d.jpg'));
  expect(recognise(await readBeginning(home))?.importer.id).toBe('imagefolder');
});

test('a score makes it a prediction, a review a decision', async () => {
  const lines = [
    { file_name: 'a.jpg', label: 'cat', score: 0.25, review: 'unreviewed' },
    { file_name: 'b.jpg', label: 'cat', score: null, review: 'corrected' },
    { file_name: 'c.jpg', label: null, score: null, review: 'skipped' },
  ];
  const home = put(temporaryFolder(), { 'metadata.jsonl': lines.map((line) => `${JSON.stringify(line)}\n`).join('') });
  expect(labelsIn(await entriesOf(imageFolder, home))).toEqual([
    { file: 'a.jpg', categories: ['cat'], review: null, predicted: true, score: 0.25 },
    { file: 'b.jpg', categories: ['cat'], review: 'corrected', predicted: false, score: null },
    { file: 'c.jpg', categories: [], review: 'skipped', predicted: false, score: null },
  ]);
});

test('lines without a name are told; a CSV that never closes a quote is refused', async () => {
  const home = put(temporaryFolder(), { 'metadata.jsonl': '{"file_name":"a.jpg"}\n[]\nnot JSON\n{"file_name":3}\n' });
  expect(await told(imageFolder, home)).toEqual([
    ['a.jpg'],
    ['metadata.jsonl, line 2', 'The line names no file_name'],
    ['metadata.jsonl, line 3', 'The line names no file_name'],
    ['metadata.jsonl, line 4', 'The line names no file_name'],
  ]);
  const open = put(temporaryFolder(), { 'metadata.csv': 'file_name,label\na.jpg,"cat\n' });
  await expect(entriesOf(imageFolder, open)).rejects.toMatchObject({ code: 'input.invalid' });
});
