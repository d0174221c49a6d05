import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ReviewState } from '#core/image.ts';
import { clusters } from '../../../electron/engine/learn/clusters.ts';
import { diverseOrder } from '../../../electron/engine/learn/diverse.ts';
import { entropyOf } from '../../../electron/engine/learn/entropy.ts';
import type { Matrix, Multiplier } from '../../../electron/engine/learn/head-model.ts';
import { suspects } from '../../../electron/engine/learn/label-errors.ts';
import { openMultiplier } from '../../../electron/engine/learn/multiplier.ts';
import { similarities } from '../../../electron/engine/learn/neighbours.ts';
import { similarityLimit } from '../../../electron/engine/learn/novelty.ts';
import { randomNumbers } from '../../../electron/engine/learn/random.ts';
import { estimate, sampleOrder } from '../../../electron/engine/learn/random-sample.ts';
import { sortedPlaces } from '../../../electron/engine/learn/sorting.ts';

let multiplier: Multiplier;
beforeAll(async () => void (multiplier = await openMultiplier()));
afterAll(() => multiplier[Symbol.asyncDispose]());

const matrix = (rows: number[][]): Matrix => ({
  values: Float32Array.from(rows.flat()),
  rows: rows.length,
  width: rows[0]?.length ?? 2,
});

test('certainty has no entropy, indifference has most, and what no score tells counts', () => {
  expect(entropyOf([1])).toBe(0);
  expect(entropyOf([0.5, 0.5, 0, 0])).toBeCloseTo(Math.log(2), 6);
  expect(entropyOf([0.25, 0.25, 0.25, 0.25])).toBeCloseTo(Math.log(4), 6);
  expect(entropyOf([0.5])).toBeCloseTo(Math.log(2), 6);
});

test('of a burst one picture is shown, then others', async () => {
  // Three frames of one burst, least sure of all, and two pictures of something else.
  const features = matrix([
    [1, 0],
    [1, 0.01],
    [1, 0.02],
    [0, 1],
    [-1, 0],
  ]);
  const uncertainty = Float32Array.from([1, 0.99, 0.98, 0.6, 0.6]);
  const order = await diverseOrder({ features, uncertainty, decided: matrix([]) }, multiplier);
  const burst = [0, 1, 2];
  expect([...order.subarray(0, 3)].filter((row) => burst.includes(row))).toHaveLength(1);
  expect([...order].toSorted()).toEqual([0, 1, 2, 3, 4]);
});

test('of pictures that are alike the one most like the others comes first, and those like nothing decided before', async () => {
  // Two groups, each with one in the middle of the others.
  const inPlane = (angle: number) => [Math.cos(angle), Math.sin(angle), 0, 0];
  const acrossIt = (angle: number) => [0, 0, Math.cos(angle), Math.sin(angle)];
  const features = matrix([...[-0.6, 0, 0.6].map(inPlane), ...[-0.6, 0, 0.6].map(acrossIt)]);
  const uncertainty = new Float32Array(6).fill(0.5);
  const order = await diverseOrder({ features, uncertainty, decided: matrix([]) }, multiplier);
  expect([...order.subarray(0, 2)].toSorted()).toEqual([1, 4]);
  const after = await diverseOrder({ features, uncertainty, decided: matrix([inPlane(0.1)]) }, multiplier);
  expect(after[0]).toBe(4);
});

test('what was decided is not shown again in another copy', async () => {
  const features = matrix([
    [1, 0.01],
    [0, 1],
  ]);
  const uncertainty = Float32Array.from([1, 0.5]);
  const order = await diverseOrder({ features, uncertainty, decided: matrix([[1, 0]]) }, multiplier);
  expect([...order]).toEqual([1, 0]);
});

test('an order has every picture once, whatever the doubts', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })), {
        minLength: 1,
        maxLength: 30,
      }),
      fc.integer({ min: 0, max: 40 }),
      async (pictures, limit) => {
        const features = matrix(pictures.map(([x]) => [x, 1 - Math.abs(x)]));
        const uncertainty = Float32Array.from(pictures, ([, doubt]) => doubt);
        const order = await diverseOrder({ features, uncertainty, decided: matrix([]), limit }, multiplier);
        expect([...order].toSorted((a, b) => a - b)).toEqual(pictures.map((_, row) => row));
      },
    ),
    { numRuns: 50 },
  );
});

test('a decision that every held-out head contradicts comes first and is flagged', () => {
  const scores = matrix([
    [0.9, 0.1],
    [0.8, 0.2],
    [0.05, 0.95],
    [0.1, 0.9],
    [0.2, 0.8],
  ]);
  const { order, flagged } = suspects(scores, [0, 0, 0, 1, 1]);
  expect(order[0]).toBe(2);
  expect([...flagged]).toEqual([0, 0, 1, 0, 0]);
});

test('most flipped decisions are in the first tenth of the queue', () => {
  const random = randomNumbers(3);
  const count = 400;
  const right = Array.from({ length: count }, (_, row) => row % 4);
  const flipped = new Set(right.keys().filter((row) => row % 20 === 7));
  const labels = right.map((label, row) => (flipped.has(row) ? (label + 1) % 4 : label));
  const scores = matrix(
    right.map((label) => {
      const own = 0.5 + random() * 0.45;
      return [0, 1, 2, 3].map((category) => (category === label ? own : (1 - own) / 3));
    }),
  );
  const first = suspects(scores, labels).order.subarray(0, count / 10);
  expect([...first].filter((row) => flipped.has(row)).length).toBeGreaterThanOrEqual(flipped.size * 0.8);
});

test('a limit of likeness is what pictures of one category reach among themselves', async () => {
  const features = matrix([
    [1, 0.1],
    [1, 0],
    [1, -0.1],
    [0.1, 1],
    [0, 1],
  ]);
  const limit = await similarityLimit(features, [0, 0, 0, 1, 1], multiplier);
  expect(limit).toBeGreaterThan(0.5);
  expect(limit).toBeLessThan(0.95);
  expect(
    await similarityLimit(
      matrix([
        [1, 0],
        [0, 1],
      ]),
      [0, 1],
      multiplier,
    ),
  ).toBeNull();
});

test('a sample is the same every time, and pictures that come later leave the others in order', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 1e6 }), { maxLength: 60 }), fc.nat(), (ids, seed) => {
      const all = sampleOrder(Int32Array.from(ids), seed);
      const some = sampleOrder(Int32Array.from(ids.slice(0, ids.length / 2)), seed);
      const isOld = new Set(some);
      expect([...all].filter((id) => isOld.has(id))).toEqual([...some]);
      expect([...all].toSorted()).toEqual(ids.toSorted());
    }),
  );
});

test('an estimate ends at the first gap, and says nothing of what was skipped', () => {
  const states: ReviewState[] = ['accepted', 'corrected', 'skipped', 'accepted', 'unreviewed', 'corrected'];
  const found = estimate(states);
  expect(found).toMatchObject({ reviewed: 3, correct: 2 });
  expect(found.accuracy!.low).toBeLessThan(2 / 3);
  expect(found.accuracy!.high).toBeGreaterThan(2 / 3);
  expect(estimate([]).accuracy).toBeNull();
});

test('a picture is most similar to itself, then to what points the same way, whatever its length', async () => {
  const features = matrix([
    [1, 0],
    [0, 2],
    [5, 0.5],
    [-1, 0],
  ]);
  const lengths = Float32Array.from([1, 2, Math.hypot(5, 0.5), 1]);
  const cosines = await similarities({ features, lengths }, 0, multiplier);
  expect([...sortedPlaces(cosines.map((cosine) => -cosine))]).toEqual([0, 2, 1, 3]);
  expect(cosines[0]).toBeCloseTo(1, 5);
});

test('places are in the order of their keys, equal ones in their own', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.float({ noNaN: true }), fc.constantFrom(0, -0, 1)), { maxLength: 40 }), (keys) => {
      const expected = [...keys.keys()].sort((a, b) => (keys[a]! < keys[b]! ? -1 : keys[a]! > keys[b]! ? 1 : a - b));
      expect([...sortedPlaces(Float32Array.from(keys))]).toEqual(expected);
    }),
  );
});

test('a block has what is sure, surest first; what is doubtful stands apart', () => {
  const picture = (imageId: number, categoryId: number, score: number, margin = score) => ({
    imageId,
    categoryId,
    score,
    margin,
  });
  const found = clusters([picture(1, 7, 0.7), picture(2, 7, 0.9), picture(3, 7, 0.9, 0.05), picture(4, 8, 0.99)]);
  expect(found).toEqual([
    { categoryId: 7, imageIds: [2, 1], doubtfulIds: [3] },
    { categoryId: 8, imageIds: [4], doubtfulIds: [] },
  ]);
  expect(clusters([picture(1, 7, 0.5)], () => 0.4)[0]!.imageIds).toEqual([1]);
});
