import { expect, test } from 'vitest';
import { openRate } from '../../electron/engine/rate.ts';

test('the rate follows the last ten seconds', () => {
  let now = 0;
  const rate = openRate(() => now);
  rate.add(0);
  expect(rate.perSecond()).toBeNull();
  for (let second = 1; second <= 20; second++) {
    now = second * 1000;
    rate.add(second <= 5 ? second * 100 : 500 + (second - 5) * 10);
  }
  expect(rate.perSecond()).toBeCloseTo(10);
});

test('slow batches still have a rate', () => {
  let now = 0;
  const rate = openRate(() => now);
  rate.add(0);
  now = 60_000;
  rate.add(6);
  expect(rate.perSecond()).toBeCloseTo(0.1);
});

test('a pause is not counted', () => {
  let now = 0;
  const rate = openRate(() => now);
  rate.add(0);
  now = 1000;
  rate.add(50);
  rate.reset();
  now = 500_000;
  rate.add(50);
  expect(rate.perSecond()).toBeNull();
});
