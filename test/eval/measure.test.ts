import { expect, test } from 'vitest';
import { measure } from './measure.ts';

test('top-1 and top-5 count the place of the right label', () => {
  const judged = [0, 0, 3, 4, 5, -1].map((place) => ({ score: 0.5, place }));

  expect(measure(judged)).toMatchObject({ n: 6, top1: 2 / 6, top5: 4 / 6 });
});

test('scores that are right as often as they say have no calibration error', () => {
  const judged = [0, 0, 0, -1].map((place) => ({ score: 0.75, place }));

  expect(measure(judged).calibrationError).toBeCloseTo(0, 10);
});

test('the calibration error is the distance of score and accuracy, by size of bin', () => {
  const sure = [0, -1].map((place) => ({ score: 1, place }));
  const unsure = [-1, -1].map((place) => ({ score: 0.1, place }));

  // Half of the pictures are off by 0.5, half by 0.1.
  expect(measure([...sure, ...unsure]).calibrationError).toBeCloseTo(0.3, 10);
});
