import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newTokenKey, tokens } from '../../../electron/engine/store/tokens.ts';

test('a token opens to the picture it was made for', () => {
  const seal = tokens(newTokenKey());
  fc.assert(fc.property(fc.maxSafeNat(), (id) => void expect(seal.open(seal.seal(id))).toBe(id)));
});

test('anything else opens to nothing', () => {
  const seal = tokens(newTokenKey());
  const hex = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 32, maxLength: 32 });
  fc.assert(fc.property(fc.oneof(hex, fc.string()), (token) => void expect(seal.open(token)).toBeUndefined()));
});

test('a token of another library opens to nothing', () => {
  expect(tokens(newTokenKey()).open(tokens(newTokenKey()).seal(7))).toBeUndefined();
});
