import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ActivationMap } from '#core/learn.ts';
import { placeOf } from '../../../renderer/state/evidence.ts';

const whole = { left: 0, top: 0, width: 1, height: 1 };
const map = (width: number, height: number, values: number[], window = whole): ActivationMap => ({
  categoryId: 1,
  category: 'cup',
  width,
  height,
  values,
  window,
});

test('the part with the most evidence is named', () => {
  expect(placeOf(map(3, 3, [0, 0, 0.2, 0, 0.1, 0, 0.9, 0, 0]))).toEqual({ row: 2, column: 0 });
});

test('a map over the middle of a wide picture is placed in the whole picture', () => {
  const middle = { left: 0.34, top: 0, width: 0.3, height: 1 };
  expect(placeOf(map(2, 1, [1, 0], middle))).toEqual({ row: 1, column: 1 });
});

test('without evidence there is no place', () => {
  expect(placeOf(map(2, 2, [0, 0, 0, 0]))).toBeNull();
});

test('a place is always one of three by three', () => {
  const cells = fc
    .integer({ min: 1, max: 12 })
    .chain((width) =>
      fc
        .array(fc.double({ min: 0.001, max: 1, noNaN: true }), { minLength: width, maxLength: width * 12 })
        .map((values) =>
          map(width, Math.floor(values.length / width), values.slice(0, values.length - (values.length % width))),
        ),
    );
  fc.assert(
    fc.property(cells, (activation) => {
      const place = placeOf(activation)!;
      expect([0, 1, 2]).toContain(place.row);
      expect([0, 1, 2]).toContain(place.column);
    }),
  );
});
