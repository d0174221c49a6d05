import { expect, test } from 'vitest';
import { evaluateLearning } from '../../../electron/engine/learn/evaluate.ts';
import { evaluateQueues } from '../../../electron/engine/learn/evaluate-queues.ts';
import { openMultiplier } from '../../../electron/engine/learn/multiplier.ts';
import { uniformFloats } from '../../support/onnx-run.ts';

/** Of three categories, as far from their middles as `noise` says. */
function pictures(count: number, noise: number) {
  const centres = uniformFloats(3 * 8, 1, 0.8);
  const labels = Array.from({ length: count }, (_, row) => [row % 3]);
  const values = uniformFloats(count * 8, 2, noise).map(
    (value, at) => value + centres[(Math.floor(at / 8) % 3) * 8 + (at % 8)]!,
  );
  return {
    imageIds: Int32Array.from(labels, (_, row) => row + 1),
    features: { values, rows: count, width: 8 },
    labels,
    categoryIds: [1, 2, 3],
  };
}

test('more examples teach more, and numbers are for as many examples as leave some to test on', async () => {
  await using multiplier = await openMultiplier();

  const { steps, imageCount, categoryCount } = await evaluateLearning(pictures(60, 1.5), 5, multiplier);

  expect([imageCount, categoryCount]).toEqual([60, 3]);
  expect(steps.map(({ exampleCount }) => exampleCount)).toEqual([1, 2, 5, 10]);
  expect(steps.at(-1)!.head.value).toBeGreaterThan(steps[0]!.head.value);
  for (const { head } of steps) expect(head.low <= head.value && head.value <= head.high).toBe(true);
});

test('labels are counted until a head is good, and wrong decisions are looked for where they should be', async () => {
  await using multiplier = await openMultiplier();

  const found = await evaluateQueues(pictures(90, 0.3), 3, multiplier);

  expect(found.poolSize).toBe(60);
  // With categories far apart a few labels of each are enough, and whatever is wrong stands out.
  for (const labels of [found.randomLabels, found.diverseLabels]) {
    expect(labels).toHaveLength(3);
    for (const count of labels) expect(count % 5 === 1 && count >= 6 && count <= 26).toBe(true);
  }
  expect(found.slipsFound).toEqual([1, 1, 1]);
});
