import fc from 'fast-check';
import { expect, test } from 'vitest';
import { idSet } from '../../../electron/engine/store/id-set.ts';

const lastId = 200;
const anyIds = fc.uniqueArray(fc.integer({ min: 1, max: lastId }));

function setOf(ids: readonly number[]) {
  const set = idSet(lastId);
  set.add(ids);
  return set;
}

const sorted = (ids: Iterable<number>) => [...ids].sort((a, b) => a - b);

test('it holds what was added, in order, each once', () => {
  fc.assert(
    fc.property(anyIds, (ids) => {
      const set = setOf([...ids, ...ids]);
      expect([...set]).toEqual(sorted(ids));
      expect(set.count()).toBe(ids.length);
      for (let id = 1; id <= lastId; id++) expect(set.has(id)).toBe(ids.includes(id));
    }),
  );
});

test('intersecting and subtracting are those of sets', () => {
  fc.assert(
    fc.property(anyIds, anyIds, (ids, others) => {
      const both = setOf(ids);
      both.intersect(setOf(others));
      expect([...both]).toEqual(sorted(new Set(ids).intersection(new Set(others))));
      const rest = setOf(ids);
      rest.subtract(setOf(others));
      expect([...rest]).toEqual(sorted(new Set(ids).difference(new Set(others))));
    }),
  );
});
