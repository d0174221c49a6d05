import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { wilson } from '../../electron/core/interval.ts';

// The bounds here and below: computed apart from this code, in Python.
test('186 of 200 are 93 %, from 88.6 to 95.8', () => {
  const { value, low, high } = wilson(186, 200);

  expect(value).toBe(0.93);
  expect(low).toBeCloseTo(0.8862, 3);
  expect(high).toBeCloseTo(0.9577, 3);
});

test('one of one says little', () => {
  const { value, low, high } = wilson(1, 1);

  expect([value, high]).toEqual([1, 1]);
  expect(low).toBeCloseTo(0.2065, 4);
});

test('nothing counted says nothing', () => {
  expect(wilson(0, 0)).toEqual({ value: 0, low: 0, high: 1 });
});

test('the share lies in its interval, the interval in [0, 1], and the mirrored count mirrors it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (total, share) => {
      const correct = Math.round(share * total);
      const { value, low, high } = wilson(correct, total);
      const mirrored = wilson(total - correct, total);

      expect(0 <= low && low <= value && value <= high && high <= 1).toBe(true);
      expect(mirrored.low).toBeCloseTo(1 - high, 10);
      expect(mirrored.high).toBeCloseTo(1 - low, 10);
    }),
  );
});
