import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { pixelBudget } from '../../electron/engine/pixel-budget.ts';

/** Work that ends when told to. */
function work() {
  const done = Promise.withResolvers<void>();
  const state = { started: false, finish: done.resolve };
  const start = async () => {
    state.started = true;
    await done.promise;
  };
  return { state, start };
}

test('as many run at once as fit, in order of arrival', async () => {
  const budget = pixelBudget(100);
  const pictures = [60, 40, 60, 10].map((pixels) => ({ pixels, ...work() }));
  const ended = pictures.map(({ pixels, start }) => budget(pixels, start));
  const started = () => pictures.map(({ state }) => state.started);
  await nextTurn();
  // The last one would fit beside neither of the first two, nor may it overtake the third.
  expect(started()).toEqual([true, true, false, false]);

  pictures[1]!.state.finish();
  await nextTurn();
  expect(started()).toEqual([true, true, false, false]);

  pictures[0]!.state.finish();
  await nextTurn();
  expect(started()).toEqual([true, true, true, true]);
  for (const { state } of pictures) state.finish();
  await Promise.all(ended);
});

test('more than everything runs alone', async () => {
  const budget = pixelBudget(100);
  const [first, giant, last] = [work(), work(), work()];
  const ended = [budget(1, first.start), budget(500, giant.start), budget(1, last.start)];
  await nextTurn();
  expect([first.state.started, giant.state.started]).toEqual([true, false]);

  first.state.finish();
  await nextTurn();
  expect([giant.state.started, last.state.started]).toEqual([true, false]);

  giant.state.finish();
  last.state.finish();
  await Promise.all(ended);
  expect(last.state.started).toBe(true);
});

test('what fails gives its pixels back and its answer on', async () => {
  const budget = pixelBudget(10);

  await expect(budget(10, () => Promise.reject(new Error('damaged')))).rejects.toThrow('damaged');
  await expect(budget(10, () => Promise.resolve('whole'))).resolves.toBe('whole');
});
