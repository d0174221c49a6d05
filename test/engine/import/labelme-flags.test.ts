import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { recognise, readBeginning } from '../../../electron/engine/import/beginning.ts';
import { labelmeFlags } from '../../../electron/engine/import/labelme-flags.ts';
import { temporaryFolder } from '../../support/library.ts';
import { entriesOf, exported, labelsIn, put, told } from './folder-trip.ts';

const file = (imagePath: string, flags: object, more: object = {}) =>
  JSON.stringify({ version: '4.0.0', flags, shapes: [], imagePath, imageData: null, ...more });

test('each true flag is a category, several of them too, and checked is accepted', async () => {
  const home = put(temporaryFolder(), {
    'a.json': file('a.png', { husky: true, ragdoll: false }, { checked: true }),
    'a.png': null,
    'b.json': `\uFEFF${file('b.png', { husky: true, ragdoll: true, other: 'true' }, { checked: false })}`,
    'sub/c.json': file('..\\pictures\\c.png', { husky: false }),
  });
  const found = labelsIn(await entriesOf(labelmeFlags, home));
  expect(found).toEqual([
    {
      file: 'a.png',
      categories: ['husky'],
      review: 'accepted',
      predicted: false,
      score: null,
      picture: join(home, 'a.png'),
    },
    { file: 'b.png', categories: ['husky', 'ragdoll'], review: null, predicted: false, score: null },
    { file: 'pictures/c.png', categories: [], review: null, predicted: false, score: null },
  ]);
  expect(recognise(await readBeginning(home))?.importer.id).toBe('labelme-flags');
});

test('a category may be called like a part of JavaScript', async () => {
  const home = put(temporaryFolder(), {
    'a.json': '{"flags":{"__proto__":true,"constructor":true},"imagePath":"a.png"}',
  });
  expect(await told(labelmeFlags, home)).toEqual([['a.png', '__proto__', 'constructor']]);
});

test('other JSON is told, links are not followed', async () => {
  const outside = put(temporaryFolder(), { 'x.json': file('x.png', { husky: true }) });
  const home = put(temporaryFolder(), { 'a.json': '{"flags":1}', 'b.json': 'null', 'c.json': '{', 'd.json': '[]' });
  symlinkSync(outside, join(home, 'link'));
  symlinkSync(join(outside, 'x.json'), join(home, 'x.json'));
  const why = 'The file is no labels of X-AnyLabeling or labelme';
  expect(await told(labelmeFlags, home)).toEqual([
    ['a.json', why],
    ['b.json', why],
    ['c.json', why],
    ['d.json', why],
  ]);
});

test('a prediction somebody has checked since is a decision', async () => {
  const home = temporaryFolder();
  const predicted = { source: 'photos', labels: ['cat'], score: 0.5, review: 'unreviewed' };
  const { path } = await exported(home, 'labelme-flags', [
    { fileName: 'a.png', ...predicted },
    { fileName: 'b.png', ...predicted },
  ]);
  put(path, { 'b.json': file('b.png', { cat: true }, { checked: true }) });
  expect(labelsIn(await entriesOf(labelmeFlags, path))).toMatchObject([
    { file: 'a.png', categories: ['cat'], review: null, predicted: true, score: 0.5 },
    { file: 'b.png', categories: ['cat'], review: 'accepted', predicted: false, score: null },
  ]);
});
