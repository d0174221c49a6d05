import { expect, test } from 'vitest';
import { openDecoderTuner } from '../../../electron/engine/inference/decoder-tuner.ts';

/** A tuner whose clock is turned by hand: `feed` tells it one thing, ten times a second, for some seconds. */
function tunerWithClock(most: number) {
  let nowMs = 0;
  const tuner = openDecoderTuner(most, () => nowMs);
  return {
    tuner,
    feed: (what: ('starved' | 'full')[], seconds: number) => {
      for (let step = 0; step < seconds * 10; step++) {
        nowMs += 100;
        for (const one of what) tuner.note(one);
      }
      return tuner.decoders;
    },
  };
}

test('more pictures are decoded at once while sessions starve, up to the limit', () => {
  const { tuner, feed } = tunerWithClock(6);
  expect(tuner.decoders).toBe(2);
  expect(feed(['starved'], 1)).toBeGreaterThan(2);
  expect(feed(['starved'], 60)).toBe(6);
});

test('fewer are decoded at once while all slots are full, but always one', () => {
  const { feed } = tunerWithClock(6);
  feed(['starved'], 60);
  expect(feed(['full'], 1)).toBeLessThan(6);
  expect(feed(['full'], 60)).toBe(1);
});

test('as much of the one as of the other changes nothing', () => {
  const { feed } = tunerWithClock(6);
  expect(feed(['full', 'starved'], 60)).toBeGreaterThanOrEqual(1);
  expect(feed(['full', 'starved'], 60)).toBeLessThanOrEqual(3);
});

test('a single observation, however often within a moment, changes nothing yet', () => {
  const { tuner } = tunerWithClock(6);
  for (let again = 0; again < 1000; again++) expect(tuner.note('starved')).toBe(false);
  expect(tuner.decoders).toBe(2);
});

test('a machine with one core decodes one picture at a time', () => {
  const { tuner, feed } = tunerWithClock(1);
  expect(tuner.decoders).toBe(1);
  expect(feed(['starved'], 10)).toBe(1);
});
