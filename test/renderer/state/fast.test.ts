import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AppError } from '#core/errors.ts';
import type { AgreementReport, OptimizeProgress } from '#core/model.ts';
import { FastState, type FastOutcome } from '../../../renderer/state/fast.svelte.ts';
import { fakeBridge } from '../support/bridge.ts';
import { agreement } from '../support/models.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => vi.useRealTimers());

function begun() {
  const answer = Promise.withResolvers<AgreementReport>();
  const bridge = fakeBridge({
    'models.optimize': () => answer.promise,
    'models.optimize-cancel': () => answer.reject(new AppError('aborted', 'Stopped')),
    'models.discard-fast': () => undefined,
  });
  const ended: FastOutcome[] = [];
  const fast = new FastState((outcome) => ended.push(outcome));
  fast.follow();
  const made = fast.make('a', 3);
  const at = (stage: OptimizeProgress['stage'], done: number, modelId = 'a') =>
    bridge.emit('optimize.progress', { modelId, stage, done, total: 100, secondsLeft: null, reason: null });
  return { answer, bridge, ended, fast, made, at };
}

test('one at a time, from the chosen photos', async () => {
  const { fast, bridge, answer, made } = begun();
  await fast.make('b', null);
  expect(fast.modelId).toBe('a');
  answer.resolve(agreement());
  await made;

  expect(bridge.called('models.optimize')).toEqual([{ modelId: 'a', datasetId: 3 }]);
  expect(fast.modelId).toBeNull();
  expect(fast.outcomeOf('a')?.report?.passed).toBe(true);
  expect(fast.outcomeOf('b')).toBeNull();
});

test('progress of another model, as of the command line, is not taken for ours', () => {
  const { fast, at } = begun();
  at('calibrating', 5, 'b');
  expect(fast.progress).toBeNull();
  at('calibrating', 5);
  expect(fast.progress).toMatchObject({ stage: 'calibrating', done: 5 });
});

test('the rate is that of the stage at hand, once it is steady', () => {
  const { fast, at } = begun();
  at('calibrating', 0);
  vi.advanceTimersByTime(500);
  at('calibrating', 40);
  expect(fast.rate).toBeNull();
  vi.advanceTimersByTime(1500);
  at('calibrating', 60);
  expect(fast.rate).toBe(30);
  at('checking', 0);
  expect(fast.rate).toBeNull();
});

test('stopping is no failure, and it can be made again', async () => {
  const { fast, ended, made } = begun();
  await fast.stop();
  await made;

  expect([fast.modelId, fast.stopping, fast.outcomeOf('a'), ended]).toEqual([null, false, null, []]);
});

test('what prevented it is kept with its details until it is tried again', async () => {
  const { fast, answer, made } = begun();
  answer.reject(new AppError('model.too-few-photos', 'Only 8', { details: { found: 8, needed: 460 } }));
  await made;
  expect(fast.outcomeOf('a')?.problem).toMatchObject({ code: 'model.too-few-photos', details: { needed: 460 } });

  fast.forget();
  expect(fast.outcomeOf('a')).toBeNull();
});

test('the end is told only when nobody watches', async () => {
  for (const watched of [true, false]) {
    const { fast, answer, made, ended } = begun();
    const stop = fast.watch();
    if (!watched) stop();
    answer.resolve(agreement());
    await made;
    expect(ended.map(({ modelId }) => modelId)).toEqual(watched ? [] : ['a']);
  }
});

test('a fast version that is removed takes its report along', async () => {
  const { fast, answer, made } = begun();
  answer.resolve(agreement());
  await made;
  await fast.discard('a');
  expect(fast.outcomeOf('a')).toBeNull();
});
