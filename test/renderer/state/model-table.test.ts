import { expect, test } from 'vitest';
import { figuresOf, matches, nextOrder, sortFigures, type FigureColumn } from '../../../renderer/state/model-table.ts';
import { entry, model, speed } from '../support/models.ts';

const ids = (rows: { id: string }[]) => rows.map(({ id }) => id);

test('a model that came from the catalogue is one row, under its own name, with the published accuracy', () => {
  const rows = figuresOf([model('a', { title: 'Mine', macCount: 5 })], [entry('a', { title: 'Theirs' }), entry('b')]);

  expect(rows).toHaveLength(2);
  expect(rows[0]).toMatchObject({ id: 'a', title: 'Mine', top1: 0.7775, macCount: 5, installed: true });
  expect(rows[1]).toMatchObject({ id: 'b', installed: false, usable: true });
});

test('accuracy on ImageNet-1k stands in the table, accuracy on anything else does not', () => {
  const metric = (name: string, source: string) => ({ name, value: 0.8, source });
  const rows = figuresOf(
    [
      model('a', { metrics: [metric('ImageNet-1k top-1', 'a page'), metric('ImageNet-1k top-5', 'a page')] }),
      model('b', { metrics: [metric('Top-1, ordinary photos of its categories', '322 photos')] }),
    ],
    [],
  );

  expect(rows.map(({ top1, top5 }) => [top1, top5])).toEqual([
    [0.8, 0.8],
    [null, null],
  ]);
});

const rows = figuresOf(
  [model('slow', { speed: speed([90, 340, 700], 11.4) }), model('fast', { speed: speed([10, 30, 50], 160) })],
  [
    entry('best', { top1: 0.9, macCount: 9e9 }),
    entry('unknown', { top1: null, top5: null, macCount: 8e9 }),
    entry('worst', { top1: 0.7, macCount: 1e9 }),
  ],
);

test.each<[FigureColumn, boolean, string[]]>([
  ['title', false, ['best', 'fast', 'slow', 'unknown', 'worst']],
  ['top1', true, ['best', 'worst', 'slow', 'fast', 'unknown']],
  ['top1', false, ['worst', 'best', 'slow', 'fast', 'unknown']],
  ['macs', false, ['worst', 'unknown', 'best', 'slow', 'fast']],
  ['batch8', false, ['fast', 'slow', 'best', 'unknown', 'worst']],
  ['rate', true, ['fast', 'slow', 'best', 'unknown', 'worst']],
])('ordered by %s (descending: %s), rows without a value come last', (column, descending, expected) => {
  expect(ids(sortFigures(rows, { column, descending }))).toEqual(expected);
});

test('the first click on a column puts the best on top, the second one turns it round', () => {
  const first = nextOrder(null, 'top1');
  expect(first).toEqual({ column: 'top1', descending: true });
  expect(nextOrder(first, 'top1')).toEqual({ column: 'top1', descending: false });
  expect(nextOrder(first, 'batch1')).toEqual({ column: 'batch1', descending: false });
});

test('a model is found by words of its title or id, in any order', () => {
  const weights = { title: 'ResNeXt50_32x4d · timm a1h_in1k', id: 'timm.resnext50-32x4d.a1h-in1k' };

  expect(['TIMM 50', 'a1h resnext', '', 'timm.res'].map((typed) => matches(weights, typed))).toEqual(
    Array(4).fill(true),
  );
  expect(matches(weights, 'timm 101')).toBe(false);
});
