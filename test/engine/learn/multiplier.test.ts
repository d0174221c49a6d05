import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Matrix, Multiplier } from '../../../electron/engine/learn/head-model.ts';
import { openMultiplier } from '../../../electron/engine/learn/multiplier.ts';
import { largestDifference, uniformFloats } from '../../support/onnx-run.ts';

let multiplier: Multiplier;
beforeAll(async () => {
  multiplier = await openMultiplier();
});
afterAll(() => multiplier[Symbol.asyncDispose]());

function matrix(rows: number, width: number, seed: number): Matrix {
  return { values: uniformFloats(rows * width, seed), rows, width };
}

/** Shape [rows, width], with `at` as the sum over `inner` of what it gives. */
function sums(rows: number, width: number, inner: number, at: (row: number, column: number, k: number) => number) {
  return Array.from({ length: rows * width }, (_, index) => {
    let sum = 0;
    for (let k = 0; k < inner; k++) sum += at(Math.floor(index / width), index % width, k);
    return sum;
  });
}

const size = fc.integer({ min: 1, max: 40 });

test('rows are compared with rows, whatever the shapes', () =>
  fc.assert(
    fc.asyncProperty(size, size, size, fc.integer(), async (n, m, k, seed) => {
      const [a, b] = [matrix(n, k, seed), matrix(m, k, seed + 1)];

      const { values, rows, width } = await multiplier.timesTransposed(a, b);

      expect([rows, width]).toEqual([n, m]);
      const expected = sums(n, m, k, (row, column, at) => a.values[row * k + at]! * b.values[column * k + at]!);
      expect(largestDifference(values, expected)).toBeLessThan(1e-5);
    }),
    { numRuns: 50 },
  ));

test('columns are compared with columns, whatever the shapes', () =>
  fc.assert(
    fc.asyncProperty(size, size, size, fc.integer(), async (n, m, k, seed) => {
      const [a, b] = [matrix(k, n, seed), matrix(k, m, seed + 1)];

      const { values, rows, width } = await multiplier.transposedTimes(a, b);

      expect([rows, width]).toEqual([n, m]);
      const expected = sums(n, m, k, (row, column, at) => a.values[at * n + row]! * b.values[at * m + column]!);
      expect(largestDifference(values, expected)).toBeLessThan(1e-5);
    }),
    { numRuns: 50 },
  ));

test('without rows, or over nothing, the product is empty or zero', async () => {
  expect(await multiplier.timesTransposed(matrix(0, 4, 1), matrix(3, 4, 1))).toEqual({
    values: new Float32Array(0),
    rows: 0,
    width: 3,
  });
  expect(await multiplier.transposedTimes(matrix(0, 2, 1), matrix(0, 1, 1))).toEqual({
    values: new Float32Array(2),
    rows: 2,
    width: 1,
  });
});

test('matrices that do not go together are refused', async () => {
  await expect(multiplier.timesTransposed(matrix(2, 3, 1), matrix(2, 4, 1))).rejects.toThrow('3 and 4');
  await expect(multiplier.transposedTimes(matrix(2, 3, 1), matrix(3, 3, 1))).rejects.toThrow('2 and 3');
});
