import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  areSame,
  fieldNames,
  fieldsOf,
  isEmpty,
  merge,
  noFields,
  problemOf,
} from '../../../electron/engine/keywords/words.ts';

const words = fc.uniqueArray(fc.constantFrom<string[]>('dog', 'cat', 'cup', 'sofa', 'animal/dog', '1.10'), {
  maxLength: 6,
});
const fields = fc.record({ subject: words, lightroom: words, digikam: words, microsoft: words });

test('what others wrote is never taken away, and ours is all that is', () => {
  fc.assert(
    fc.property(fields, fields, fields, (there, owned, wanted) => {
      const merged = merge(there, owned, wanted);
      for (const name of fieldNames) {
        const [own, all] = [new Set(owned[name]), new Set(merged.all[name])];
        for (const word of there[name]) expect(all.has(word)).toBe(!own.has(word) || wanted[name].includes(word));
        for (const word of wanted[name]) expect(all.has(word)).toBe(true);
        for (const word of merged.ours[name]) {
          expect(wanted[name]).toContain(word);
          expect(own.has(word) || !there[name].includes(word)).toBe(true);
        }
        expect(all.size).toBe(merged.all[name].length);
      }
    }),
  );
});

test('the same wish twice changes nothing more, and no wish leaves what others wrote', () => {
  fc.assert(
    fc.property(fields, fields, (there, wanted) => {
      const once = merge(there, noFields(), wanted);
      const twice = merge(once.all, once.ours, wanted);
      expect(areSame(twice.all, once.all)).toBe(true);
      expect(areSame(twice.ours, once.ours)).toBe(true);
      const gone = merge(once.all, once.ours, noFields());
      expect(areSame(gone.all, there)).toBe(true);
      expect(isEmpty(gone.ours)).toBe(true);
    }),
  );
});

test('each program gets the levels as it writes them, and flat words their own name alone', () => {
  expect(fieldsOf([['animal', 'mammal', 'dog'], ['cup']])).toEqual({
    subject: ['dog', 'cup'],
    lightroom: ['animal|mammal|dog', 'cup'],
    digikam: ['animal/mammal/dog', 'cup'],
    microsoft: ['animal/mammal/dog', 'cup'],
  });
});

test('names that would become levels, or that XMP cannot carry, are told', () => {
  for (const name of ['AC/DC', 'a|b']) expect(problemOf(name)).toContain('levels');
  for (const name of ['a\0b', '\ud800', 'x\u0007']) expect(problemOf(name)).toContain('cannot carry');
  for (const name of ['dog, wet', 'émile 🌷', 'line\nbreak', '=1+2', "d'or"]) expect(problemOf(name)).toBeUndefined();
});
