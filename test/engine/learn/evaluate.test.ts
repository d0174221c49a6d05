import { expect, test } from 'vitest';
import { evaluateLearning } from '../../../electron/engine/learn/evaluate.ts';
import { openMultiplier } from '../../../electron/engine/learn/multiplier.ts';
import { uniformFloats } from '../../support/onnx-run.ts';

test('more examples teach more, and numbers are for as many examples as leave some to test on', async () => {
  await using multiplier = await openMultiplier();
  const centres = uniformFloats(3 * 8, 1, 0.8);
  const labels = Array.from({ length: 60 }, (_, row) => [row % 3]);
  const values = uniformFloats(60 * 8, 2, 1.5).map(
    (value, at) => value + centres[(Math.floor(at / 8) % 3) * 8 + (at % 8)]!,
  );
  const all = {
    imageIds: Int32Array.from(labels, (_, row) => row + 1),
    features: { values, rows: 60, width: 8 },
    labels,
    categoryIds: [1, 2, 3],
  };

  const { steps, imageCount, categoryCount } = await evaluateLearning(all, 5, multiplier);

  expect([imageCount, categoryCount]).toEqual([60, 3]);
  expect(steps.map(({ exampleCount }) => exampleCount)).toEqual([1, 2, 5, 10]);
  expect(steps.at(-1)!.head.value).toBeGreaterThan(steps[0]!.head.value);
  for (const { head } of steps) expect(head.low <= head.value && head.value <= head.high).toBe(true);
});
