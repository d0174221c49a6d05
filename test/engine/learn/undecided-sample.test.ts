/** @file Which undecided pictures are learned from. */
import { expect, test } from 'vitest';
import type { EmbeddingIndex } from '../../../electron/engine/learn/embedding-index.ts';
import { undecidedSample } from '../../../electron/engine/learn/undecided-sample.ts';

/** Pictures 1 to `count`; the only value of each is its number. */
function index(count: number): EmbeddingIndex {
  const imageIds = Int32Array.from({ length: count }, (_, row) => row + 1);
  const features = { values: Float32Array.from(imageIds), rows: count, width: 1 };
  return { imageIds, features, placeOf: (imageId: number) => imageId - 1 } as Partial<EmbeddingIndex> as EmbeddingIndex;
}

test('those without a decision that a head will speak for', () => {
  const { values } = undecidedSample(index(6), new Set([2, 5]), (row) => row !== 0);
  expect([...values]).toEqual([3, 4, 6]);
});

test('of many a thousand from everywhere; a decision more leaves the others', () => {
  const before = [...undecidedSample(index(50_000), new Set([7])).values];
  expect(before).toHaveLength(1000);
  expect(before.filter((id) => id <= 25_000).length).toBeGreaterThan(400);
  expect(before.filter((id) => id > 25_000).length).toBeGreaterThan(400);

  const after = new Set(undecidedSample(index(50_000), new Set([7, before[500]!])).values);
  expect(after.size).toBe(1000);
  expect(before.filter((id) => !after.has(id))).toEqual([before[500]]);
});
