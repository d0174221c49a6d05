import fc from 'fast-check';
import { expect, test } from 'vitest';
import { textIndex } from '../../../electron/engine/import/text-index.ts';

test('finds every id of a text, and never loses one', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(2 ** 31 - 1), fc.string({ unit: 'grapheme', maxLength: 8 }))), (entries) => {
      const index = textIndex(entries);
      for (const [id, text] of entries) expect(index.candidates(text)).toContain(id);
    }),
  );
});

test('names few others', () => {
  const index = textIndex(Array.from({ length: 50_000 }, (_, id): [number, string] => [id, `DSC_${id}.jpg`]));
  const extra = Array.from({ length: 1000 }, (_, id) => index.candidates(`DSC_${id * 50}.jpg`).length - 1);
  expect(extra.reduce((sum, count) => sum + count, 0)).toBeLessThan(100);
  expect(index.candidates('other.jpg').length).toBeLessThan(4);
});
