import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wilson } from '../../../electron/core/interval.ts';
import { unmeasured } from '../../../renderer/state/measured.ts';

test('of a category with one example nothing was measured, whatever the numbers say', () => {
  expect(unmeasured({ exampleCount: 1 }, wilson(0, 1))).toBe('one-example');
  expect(unmeasured({ exampleCount: 2 }, wilson(0, 2))).toBeNull();
});

test('a share is measured exactly when there were pictures to measure it on', () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.nat(1000), (total, correct) => {
      const reason = unmeasured({ exampleCount: 2 }, wilson(Math.min(correct, total), total));
      expect(reason).toBe(total === 0 ? 'never-predicted' : null);
    }),
  );
});
