import { expect, test } from 'vitest';
import type { ImageRow } from '#core/image.ts';
import { decidedRow } from '../../../renderer/state/optimistic.ts';

const row: ImageRow = {
  id: 1,
  token: 't',
  version: '1',
  name: 'cat.jpg',
  status: 'done',
  errorCode: null,
  review: 'unreviewed',
  label: 'cat',
  decided: false,
  score: 0.4,
  margin: 0.1,
  parent: { name: 'animal', score: 0.8 },
};

test('accepting keeps the predicted label', () => {
  expect(decidedRow(row, { kind: 'accept' }, null)).toMatchObject({ review: 'accepted', label: 'cat', decided: true });
});

test('there is nothing to accept before a picture is labeled', () => {
  const pending: ImageRow = { ...row, status: 'pending', label: null };

  expect(decidedRow(pending, { kind: 'accept' }, null)).toBe(pending);
});

test('another category corrects, the predicted one accepts', () => {
  expect(decidedRow(row, { kind: 'label', categoryId: 2 }, 'dog')).toMatchObject({ review: 'corrected', label: 'dog' });
  expect(decidedRow(row, { kind: 'label', categoryId: 1 }, 'cat')).toMatchObject({ review: 'accepted', label: 'cat' });
});

test('a new category labels at once', () => {
  const changed = decidedRow(row, { kind: 'label-name', name: 'lynx' }, null);

  expect(changed).toMatchObject({ review: 'corrected', label: 'lynx', decided: true, parent: null });
});

test('skipping and clearing leave no decision', () => {
  expect(decidedRow(row, { kind: 'skip' }, null)).toMatchObject({ review: 'skipped', decided: false });
  expect(decidedRow({ ...row, review: 'skipped' }, { kind: 'clear' }, null).review).toBe('unreviewed');
});
