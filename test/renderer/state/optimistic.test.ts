import { expect, test } from 'vitest';
import type { ImageRow } from '#core/image.ts';
import { decidedRow, toggledAnnotations } from '../../../renderer/state/optimistic.ts';

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
  moreLabels: 0,
  flagged: false,
  hasNote: false,
  parent: { name: 'animal', score: 0.8 },
};

const known = {
  annotations: [],
  predictions: [
    { rank: 1, categoryId: 1, category: 'cat', score: 0.4 },
    { rank: 2, categoryId: 2, category: 'dog', score: 0.3 },
  ],
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

test('a picture one is unsure of has no decided categories, and shows what is predicted', () => {
  const decided: ImageRow = { ...row, review: 'corrected', label: 'dog', decided: true, moreLabels: 2 };

  expect(decidedRow(decided, { kind: 'unsure' }, null, known)).toMatchObject({
    review: 'unsure',
    label: 'cat',
    decided: false,
    moreLabels: 0,
  });
});

test('a flag and a note leave the decision alone', () => {
  expect(decidedRow(row, { kind: 'flag', on: true }, null)).toEqual({ ...row, flagged: true });
  expect(decidedRow({ ...row, flagged: true }, { kind: 'flag', on: false }, null)).toEqual(row);
  expect(decidedRow(row, { kind: 'note', note: 'twins?' }, null)).toEqual({ ...row, hasNote: true });
  expect(decidedRow({ ...row, hasNote: true }, { kind: 'note', note: '' }, null)).toEqual(row);
});

test('a toggle puts a category beside the others, and the next takes it away', () => {
  const once = decidedRow(row, { kind: 'toggle', categoryId: 2 }, 'dog', known);
  expect(once).toMatchObject({ review: 'corrected', label: 'dog', moreLabels: 0, decided: true });

  const first = toggledAnnotations([], { kind: 'toggle', categoryId: 2 }, 'dog')!;
  const both = decidedRow(once, { kind: 'toggle-name', name: 'lynx' }, null, { ...known, annotations: first });
  expect(both).toMatchObject({ review: 'corrected', label: 'dog', moreLabels: 1 });

  const none = decidedRow(once, { kind: 'toggle', categoryId: 2 }, 'dog', { ...known, annotations: first });
  expect(none).toMatchObject({ review: 'unreviewed', label: 'cat', moreLabels: 0, decided: false });
});

test('toggling just what is proposed accepts', () => {
  expect(decidedRow(row, { kind: 'toggle', categoryId: 1 }, 'cat', known).review).toBe('accepted');
  expect(decidedRow(row, { kind: 'toggle', categoryId: 2 }, 'dog', known).review).toBe('corrected');
});

test('a toggle of a picture of which too little is known waits for the engine', () => {
  expect(decidedRow(row, { kind: 'toggle', categoryId: 2 }, 'dog')).toBe(row);
  expect(decidedRow(row, { kind: 'move', categoryId: 2, name: 'lynx' }, null, known)).toBe(row);
});

test('accepting a picture that was corrected gives it the predicted label again', () => {
  const corrected: ImageRow = { ...row, review: 'corrected', label: 'dog', decided: true };

  expect(decidedRow(corrected, { kind: 'accept' }, null, known)).toMatchObject({ review: 'accepted', label: 'cat' });
});
