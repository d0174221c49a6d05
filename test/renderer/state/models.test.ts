import { expect, test } from 'vitest';
import { AppError } from '#core/errors.ts';
import type { Model } from '#core/model.ts';
import { ModelsState } from '../../../renderer/state/models.svelte.ts';
import { fakeBridge } from '../support/bridge.ts';
import { fastVariant, model, speed } from '../support/models.ts';

async function withModels(list: Model[], chosenId: string | null = null) {
  let chosen = chosenId;
  const there = { list };
  const bridge = fakeBridge({ 'models.list': () => there.list });
  const models = new ModelsState({
    chosenId: () => chosen,
    choose: async (modelId) => {
      chosen = modelId;
    },
  });
  await models.load();
  return { models, bridge, there, chosen: () => chosen };
}

test('new runs use the chosen model, or the first usable one when there is no such', async () => {
  const list = [model('broken', { problem: 'damaged' }), model('a'), model('b')];

  expect((await withModels(list)).models.used?.id).toBe('a');
  expect((await withModels(list, 'b')).models.used?.id).toBe('b');
  expect((await withModels(list, 'broken')).models.used?.id).toBe('a');
  expect((await withModels(list, 'gone')).models.used?.id).toBe('a');
  expect((await withModels([])).models.used).toBeNull();
});

test('a run never starts with a model that is known to be gone, but with the chosen one before the list is there', async () => {
  expect((await withModels([model('a'), model('b')], 'b')).models.runId).toBe('b');
  expect((await withModels([model('a')], 'gone')).models.runId).toBe('a');
  expect((await withModels([], 'b')).models.runId).toBe('b');
});

test('a new name shows at once, and goes back when it was refused', async () => {
  const { models, bridge } = await withModels([model('a', { title: 'Old' })]);
  bridge.answers['models.rename'] = () => {
    throw new AppError('model.not-own', 'Came with the app');
  };
  const renamed = models.rename('a', 'New');

  expect(models.all[0]?.title).toBe('New');
  await expect(renamed).rejects.toThrow('Came with the app');
  expect(models.all[0]?.title).toBe('Old');
});

test('removing the model that runs use lets the app choose again', async () => {
  const { models, bridge, there, chosen } = await withModels([model('a'), model('b')], 'b');
  bridge.answers['models.remove'] = () => {
    there.list = [model('a')];
  };
  await models.remove('b');

  expect(chosen()).toBeNull();
  expect(models.used?.id).toBe('a');
});

test('a model that could not be removed stays chosen', async () => {
  const { models, bridge, chosen } = await withModels([model('a'), model('b')], 'b');
  bridge.answers['models.remove'] = () => {
    throw new AppError('busy', 'It runs');
  };

  await expect(models.remove('b')).rejects.toThrow('It runs');
  expect(chosen()).toBe('b');
});

test('switching the fast form shows at once, and goes back when it was refused', async () => {
  const { models, bridge } = await withModels([model('a', { fast: fastVariant() })]);
  bridge.answers['models.use-fast'] = () => {
    throw new AppError('model.invalid', 'It differs too much');
  };
  const switched = models.useFast('a', false);

  expect(models.find('a')?.fast).toMatchObject({ inUse: false, unusedBecause: 'switched-off' });
  await expect(switched).rejects.toThrow('It differs too much');
  expect(models.find('a')?.fast).toMatchObject({ inUse: true, unusedBecause: null });
  expect(bridge.called('models.use-fast')).toEqual([{ modelId: 'a', use: false }]);
});

test('one measurement at a time, and its result is shown', async () => {
  const { models, bridge, there } = await withModels([model('a'), model('b')]);
  const answer = Promise.withResolvers<NonNullable<Model['speed']>>();
  bridge.answers['models.measure'] = () => answer.promise;
  const measured = models.measure('a');
  await models.measure('b');
  expect(models.measuringId).toBe('a');

  const result = speed([10, 30, 50], 160);
  there.list = [model('a', { speed: result }), model('b')];
  answer.resolve(result);
  await measured;
  expect(models.measuringId).toBeNull();
  expect(models.find('a')?.speed?.imagesPerSecond).toBe(160);
  expect(bridge.called('models.measure')).toEqual([{ modelId: 'a' }]);
});

test('why measuring failed is kept until it is tried again; stopping is no failure', async () => {
  const { models, bridge } = await withModels([model('a')]);
  bridge.answers['models.measure'] = () => {
    throw new AppError('inference.failed', 'Out of memory');
  };
  await models.measure('a');
  expect(models.measuringFailure('a')).toBe('Out of memory');

  bridge.answers['models.measure'] = () => {
    throw new AppError('aborted', 'Stopped');
  };
  await models.measure('a');
  expect(models.measuringFailure('a')).toBeNull();
});

test('a change told by the engine is asked for', async () => {
  const { models, bridge, there } = await withModels([model('a')]);
  const stop = models.follow();
  there.list = [model('a'), model('b')];
  bridge.emit('models.changed', {});

  await expect.poll(() => models.all.map(({ id }) => id)).toEqual(['a', 'b']);
  stop();
});
