import { expect, test } from 'vitest';
import type { DatasetSummary } from '#core/dataset.ts';
import type { ImageFilter, ImageSort } from '#core/image-filter.ts';
import { viewSignature } from '../../../renderer/state/view-signature.ts';

const dataset: DatasetSummary = {
  id: 1,
  name: 'Photos',
  sources: [{ id: 1, folder: '/photos', imageCount: 10, reachable: true }],
  imageCount: 10,
  byStatus: { pending: 5, done: 5, failed: 0, missing: 0 },
  byReview: { unreviewed: 10, accepted: 0, corrected: 0, unsure: 0, skipped: 0 },
  scan: null,
  run: null,
  modelId: 'model',
  multiLabel: false,
  learn: 'extend',
  rules: [],
  canUndo: false,
  canRedo: false,
};
const byName: ImageSort = { key: 'name', descending: false };
const labeled = { ...dataset, byStatus: { pending: 4, done: 6, failed: 0, missing: 0 } };
const reviewed = { ...dataset, byReview: { unreviewed: 9, accepted: 1, corrected: 0, unsure: 0, skipped: 0 } };
const grown = { ...dataset, imageCount: 11 };

function changes(after: DatasetSummary, filter: ImageFilter, sort: ImageSort): boolean {
  return viewSignature(after, filter, sort) !== viewSignature(dataset, filter, sort);
}

test('new results and decisions do not change a list of everything by name', () => {
  expect(changes(labeled, {}, byName)).toBe(false);
  expect(changes(reviewed, {}, byName)).toBe(false);
});

test('new pictures change every list', () => {
  expect(changes(grown, {}, byName)).toBe(true);
});

test('new results change an order by score and a filter by category', () => {
  expect(changes(labeled, {}, { key: 'uncertainty', descending: false })).toBe(true);
  expect(changes(labeled, { categoryId: 1 }, byName)).toBe(true);
});

test('decisions change a filter by review state, but not an order by score', () => {
  expect(changes(reviewed, { review: ['unreviewed'] }, byName)).toBe(true);
  expect(changes(reviewed, {}, { key: 'score', descending: true })).toBe(false);
});

test('another version of what was learned changes what is ordered or filtered by predictions, and nothing else', () => {
  const changed = (filter: ImageFilter, key: ImageSort['key']) => {
    const sort = { key, descending: false };
    return viewSignature(dataset, filter, sort, 2) !== viewSignature(dataset, filter, sort, 1);
  };

  for (const key of ['score', 'uncertainty', 'entropy', 'diverse', 'wrong', 'novel'] as const) {
    expect(changed({}, key)).toBe(true);
  }
  for (const key of ['name', 'date', 'random', 'similar'] as const) expect(changed({}, key)).toBe(false);
  expect(changed({ categoryId: 1 }, 'name')).toBe(true);
});

test('without learning a queue about decisions is worth another look when decisions have doubled', () => {
  const after = (accepted: number) => ({ ...dataset, byReview: { ...dataset.byReview, accepted } });
  const sort: ImageSort = { key: 'novel', descending: false };

  expect(viewSignature(after(8), {}, sort)).toBe(viewSignature(after(15), {}, sort));
  expect(viewSignature(after(8), {}, sort)).not.toBe(viewSignature(after(16), {}, sort));
});

test('decisions do not move a random sample', () => {
  expect(changes(reviewed, {}, { key: 'random', descending: false })).toBe(false);
});
