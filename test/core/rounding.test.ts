import { expect, test } from 'vitest';
import { roundHalfEven } from '../../electron/core/rounding.ts';

test('halves go to the even neighbour, everything else to the nearest', () => {
  expect([0.5, 1.5, 2.5, 3.5, -0.5, -1.5].map((value) => Math.abs(roundHalfEven(value)))).toEqual([0, 2, 2, 4, 0, 2]);
  expect([0.4999999999999999, 2.5000000000000004, 1023.49, 7].map(roundHalfEven)).toEqual([0, 3, 1023, 7]);
});
