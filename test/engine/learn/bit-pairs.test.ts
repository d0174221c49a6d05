import fc from 'fast-check';
import { expect, test } from 'vitest';
import { differentBits, pairsByBits } from '../../../electron/engine/learn/bit-pairs.ts';

const hash = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

/** Shape [4, N]. */
function bitsOf(hashes: readonly bigint[]): Uint16Array {
  const bits = new Uint16Array(4 * hashes.length);
  hashes.forEach((value, row) => {
    for (let part = 0; part < 4; part++)
      bits[part * hashes.length + row] = Number((value >> BigInt(16 * part)) & 0xffffn);
  });
  return bits;
}

const countOnes = (value: bigint) => value.toString(2).replaceAll('0', '').length;

test('bits that differ are counted', () => {
  fc.assert(
    fc.property(hash, hash, (a, b) => {
      expect(differentBits(bitsOf([a, b]), 0, 1)).toBe(countOnes(a ^ b));
    }),
  );
});

test('of pairs that differ in up to seven bits none is missed, and none that differs in more is found', async () => {
  const places = fc.uniqueArray(fc.integer({ min: 0, max: 63 }), { maxLength: 12 });
  const pairs = fc.array(fc.tuple(hash, places), { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(pairs, async (copies) => {
      const hashes = copies.flatMap(([own, flipped]) => [
        own,
        flipped.reduce((bits, at) => bits ^ (1n << BigInt(at)), own),
      ]);
      const found = new Set<string>();
      await pairsByBits(bitsOf(hashes), {
        mostDifferent: 7,
        found: (first, second) => found.add(`${first} ${second}`),
        turned: () => {},
      });
      const expected = hashes.flatMap((a, first) =>
        hashes.flatMap((b, second) => (first < second && countOnes(a ^ b) <= 7 ? [`${first} ${second}`] : [])),
      );
      expect([...found].sort()).toEqual(expected.sort());
    }),
    { numRuns: 20 },
  );
});
