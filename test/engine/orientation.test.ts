import { expect, test } from 'vitest';
import { storedArea, turnOf } from '../../electron/engine/orientation.ts';

/** An upright picture of 5 × 3 pixels; where its left top 2 × 1 pixels lie in the stored picture. */
test.each([
  [1, { left: 0, top: 0, width: 2, height: 1 }],
  [2, { left: 3, top: 0, width: 2, height: 1 }],
  [3, { left: 3, top: 2, width: 2, height: 1 }],
  [4, { left: 0, top: 2, width: 2, height: 1 }],
  [5, { left: 0, top: 0, width: 1, height: 2 }],
  [6, { left: 0, top: 3, width: 1, height: 2 }],
  [7, { left: 2, top: 3, width: 1, height: 2 }],
  [8, { left: 2, top: 0, width: 1, height: 2 }],
  [0, { left: 0, top: 0, width: 2, height: 1 }],
])('orientation %i stores the left top corner where it says', (orientation, expected) => {
  const corner = { left: 0, top: 0, width: 2, height: 1 };

  expect(storedArea(corner, { width: 5, height: 3 }, turnOf(orientation))).toEqual(expected);
});
