import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HeadModel, Matrix, Multiplier } from '../../../electron/engine/learn/head-model.ts';
import { logitsOf } from '../../../electron/engine/learn/logistic.ts';
import { openMultiplier } from '../../../electron/engine/learn/multiplier.ts';
import { fitProjection, foldHead, project, scaleRows, unfoldHead } from '../../../electron/engine/learn/projection.ts';
import { largestDifference, uniformFloats } from '../../support/onnx-run.ts';

let multiplier: Multiplier;
beforeAll(async () => {
  multiplier = await openMultiplier();
});
afterAll(() => multiplier[Symbol.asyncDispose]());

/** Rows of length 1 that vary in the first `rank` directions most. */
function pictures(rows: number, width: number, seed: number, rank = 8): Matrix {
  const values = uniformFloats(rows * width, seed).map((value, at) => (at % width < rank ? 3 + value : value / 20));
  return scaleRows({ values, rows, width });
}

function headOver(width: number, seed: number): HeadModel {
  const categoryIds = [4, 9, 11];
  return {
    categoryIds,
    width,
    weights: uniformFloats(3 * width, seed, 5),
    biases: uniformFloats(3, seed + 1),
    temperature: 0.8,
    multiLabel: false,
  };
}

test('rows are scaled to length 1, and rows of zeros stay', () => {
  const { values } = scaleRows({ values: Float32Array.of(3, 4, 0, 0), rows: 2, width: 2 });

  expect(Array.from(values)).toEqual([expect.closeTo(0.6, 6), expect.closeTo(0.8, 6), 0, 0]);
});

test('components are orthonormal, with fewer pictures than components, too', () =>
  fc.assert(
    fc.asyncProperty(fc.constantFrom(1, 5, 60), fc.integer(), async (rows, seed) => {
      const { components } = await fitProjection(pictures(rows, 96, seed), 24, multiplier);

      const { values } = await multiplier.timesTransposed(components!, components!);
      const identity = values.map((_, at) => (at % 25 === 0 ? 1 : 0));
      expect(components!.rows).toBe(24);
      expect(largestDifference(values, identity)).toBeLessThan(1e-4);
    }),
    { numRuns: 40, examples: [[5, 0]] },
  ));

test('what varies most is kept: distances between pictures stay what they are', async () => {
  const sample = pictures(300, 96, 1);
  const projection = await fitProjection(sample, 24, multiplier);

  const projected = await project(sample, projection, multiplier);

  const distance = ({ values, width }: Matrix, a: number, b: number) => {
    let sum = 0;
    for (let k = 0; k < width; k++) sum += (values[a * width + k]! - values[b * width + k]!) ** 2;
    return Math.sqrt(sum);
  };
  expect(projected.width).toBe(24);
  for (let other = 1; other < 300; other++) {
    expect(distance(projected, 0, other) / distance(sample, 0, other)).toBeGreaterThan(0.85);
  }
});

test('a head says the same over embeddings as over their projection', () =>
  fc.assert(
    fc.asyncProperty(fc.constantFrom(16, 64), fc.integer(), async (width, seed) => {
      const sample = pictures(100, width, seed);
      const projection = await fitProjection(sample, 24, multiplier);
      const features = await project(sample, projection, multiplier);
      const head = headOver(features.width, seed);

      const folded = await foldHead(head, projection, multiplier);

      const expected = await logitsOf(features, head, multiplier);
      const actual = await logitsOf(sample, folded, multiplier);
      expect(folded).toMatchObject({ width, temperature: 0.8, categoryIds: [4, 9, 11] });
      expect(largestDifference(actual.values, expected.values)).toBeLessThan(1e-4);
    }),
    { numRuns: 12 },
  ));

test('unfolding takes back what folding did', async () => {
  const projection = await fitProjection(pictures(100, 64, 3), 24, multiplier);
  const head = headOver(24, 5);

  const back = await unfoldHead(await foldHead(head, projection, multiplier), projection, multiplier);

  expect(largestDifference(back.weights, head.weights)).toBeLessThan(1e-4);
  expect(largestDifference(back.biases, head.biases)).toBeLessThan(1e-4);
});

test('embeddings of another width are refused', async () => {
  const projection = await fitProjection(pictures(10, 64, 3), 24, multiplier);

  await expect(project(pictures(2, 32, 1), projection, multiplier)).rejects.toThrow('32 values instead of 64');
});
