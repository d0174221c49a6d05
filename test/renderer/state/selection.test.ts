import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contains, count, nothing, places, range, span, toggle, union } from '../../../renderer/state/selection.ts';

test('a span holds both its ends, in either direction', () => {
  expect(span(5, 2)).toEqual(span(2, 5));
  expect([...places(span(2, 5))]).toEqual([2, 3, 4, 5]);
});

test('toggling a place inside a range splits it', () => {
  expect(toggle(range(0, 5), 2)).toEqual([
    { from: 0, to: 2 },
    { from: 3, to: 5 },
  ]);
});

test('ranges that touch become one', () => {
  expect(union(range(0, 2), range(2, 4))).toEqual(range(0, 4));
});

test('a million selected places are one range', () => {
  const all = range(0, 1_000_000);

  expect(count(all)).toBe(1_000_000);
  expect(contains(all, 999_999)).toBe(true);
  expect(contains(all, 1_000_000)).toBe(false);
});

test('any run of toggles selects what a set would', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(30)), (indexes) => {
      const set = new Set<number>();
      let ranges = nothing;
      for (const index of indexes) {
        ranges = toggle(ranges, index);
        if (!set.delete(index)) set.add(index);
      }

      expect([...places(ranges)]).toEqual([...set].sort((a, b) => a - b));
      expect(count(ranges)).toBe(set.size);
    }),
  );
});
