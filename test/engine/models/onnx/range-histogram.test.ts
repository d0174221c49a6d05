import { expect, test } from 'vitest';
import { RangeHistogram } from '../../../../electron/engine/models/onnx/range-histogram.ts';
import { seededRandom } from '../../../support/pictures.ts';

function counted(...batches: ArrayLike<number>[]): RangeHistogram {
  const histogram = new RangeHistogram();
  for (const batch of batches) expect(histogram.add(Float32Array.from(batch))).toBe(true);
  return histogram;
}

/** Sums of twelve uniform numbers: close to a normal distribution of variance 1. */
function normal(count: number, seed: number): number[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => Array.from({ length: 12 }, random).reduce((sum, each) => sum + each, -6));
}

test('the smallest and the largest value of all batches', () => {
  expect(counted([0, 0], [0.5, -3], [7, 1]).minMax()).toEqual([-3, 7]);
});

test('a percentile cuts a share of the values on either side, to a bin', () => {
  const values = normal(200_000, 1);
  const sorted = Float32Array.from(values).sort();
  // In batches that grow, so that bins join on the way.
  const histogram = counted(
    values.slice(0, 10).map((value) => value / 1000),
    values.filter((value) => Math.abs(value) < 1),
    values.filter((value) => Math.abs(value) >= 1),
  );
  const [min, max] = histogram.percentile(0.999)!;
  const width = 8 / 4096;
  expect(Math.abs(max - sorted[199_800]!)).toBeLessThan(3 * width);
  expect(Math.abs(min - sorted[200]!)).toBeLessThan(3 * width);
});

test('counts do not depend on the order of the batches', () => {
  const small = normal(5_000, 2);
  const large = normal(5_000, 3).map((value) => value * 500);
  expect(counted(small, large).percentile(0.99)).toEqual(counted(large, small).percentile(0.99));
});

test('a percentile of all is what was met, and none goes beyond it', () => {
  const histogram = counted([0.3, 0.4, 5]);
  const [min, max] = histogram.percentile(1)!;
  expect([min, max]).toEqual([expect.closeTo(0.3, 2), 5]);
  expect(min).toBeGreaterThanOrEqual(Math.fround(0.3));
});

test('a few values far away are cut where that brings bytes closer to the others, and kept where they are many', () => {
  const values = normal(100_000, 4).map(Math.abs);
  const [, far] = counted(values, [100]).leastError()!;
  expect(far).toBeGreaterThan(4);
  expect(far).toBeLessThan(99);

  const [, even] = counted(Array.from({ length: 10_000 }, (_, index) => index / 1000)).leastError()!;
  expect(even).toBeGreaterThan(9.7);
});

test('of noughts alone the range is nought', () => {
  const histogram = counted([0, 0, 0]);
  expect([histogram.minMax(), histogram.percentile(0.9999), histogram.leastError()]).toEqual([
    [0, 0],
    [0, 0],
    [0, 0],
  ]);
});

test('nothing counted has no range', () => {
  const histogram = counted([]);
  expect([histogram.minMax(), histogram.percentile(0.9), histogram.leastError()]).toEqual([null, null, null]);
});

test.each([NaN, Infinity, -Infinity])('%d is refused and counts nothing', (value) => {
  const histogram = counted([1, 2]);
  expect(histogram.add(Float32Array.of(9, value))).toBe(false);
  expect(histogram.minMax()).toEqual([1, 2]);
});

test('the smallest and the largest numbers there are can be counted together', () => {
  const histogram = counted([1e-45], [3.4e38], [-1e-45]);
  const [min, max] = histogram.percentile(0.9999)!;
  expect(min).toBeLessThanOrEqual(0);
  expect(max).toBe(Math.fround(3.4e38));
});
