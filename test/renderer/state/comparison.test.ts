import { expect, test } from 'vitest';
import type { ModelComparison } from '#core/model.ts';
import { ComparisonState } from '../../../renderer/state/comparison.svelte.ts';
import { fakeBridge } from '../support/bridge.ts';

const result = (imageCount: number): ModelComparison => ({
  imageCount,
  agreedCount: 0,
  meanScores: [0.5, 0.5],
  decided: null,
  confusion: [],
  categories: [],
});
const used = ['new', 'old', 'oldest'].map((modelId) => ({ modelId, title: modelId, imageCount: 5 }));

function opened(models = used) {
  const errors: unknown[] = [];
  const bridge = fakeBridge({ 'models.used': () => models, 'models.compare': () => result(5) });
  return { bridge, errors, comparison: new ComparisonState((thrown) => errors.push(thrown)) };
}

test('the two models used last on a dataset are compared at once, the older one first', async () => {
  const { comparison, bridge } = opened();
  await comparison.open(3);

  expect(comparison.modelIds).toEqual(['old', 'new']);
  expect(bridge.called('models.compare')).toEqual([{ datasetId: 3, modelIds: ['old', 'new'] }]);
  expect(comparison.result?.imageCount).toBe(5);
});

test('with one model there is nothing to compare', async () => {
  const { comparison, bridge } = opened(used.slice(0, 1));
  await comparison.open(3);

  expect([comparison.used?.length, comparison.modelIds, comparison.result]).toEqual([1, null, null]);
  expect(bridge.called('models.compare')).toEqual([]);
});

test('choosing a third model replaces one, choosing the other one swaps the two', async () => {
  const { comparison } = opened();
  await comparison.open(3);
  await comparison.choose(0, 'oldest');
  expect(comparison.modelIds).toEqual(['oldest', 'new']);
  await comparison.choose(0, 'new');
  expect(comparison.modelIds).toEqual(['new', 'oldest']);
  await comparison.choose(1, 'new');
  expect(comparison.modelIds).toEqual(['oldest', 'new']);
});

test('an answer that comes after the next question is not shown', async () => {
  const { comparison, bridge } = opened();
  await comparison.open(3);
  const late = Promise.withResolvers<ModelComparison>();
  bridge.answers['models.compare'] = () => late.promise;
  const first = comparison.choose(0, 'oldest');
  bridge.answers['models.compare'] = () => result(9);
  await comparison.choose(1, 'old');
  late.resolve(result(1));
  await first;

  expect(comparison.result?.imageCount).toBe(9);
});

test('what goes wrong is told', async () => {
  const { comparison, bridge, errors } = opened();
  bridge.answers['models.compare'] = () => {
    throw new Error('no');
  };
  await comparison.open(3);

  expect(errors).toHaveLength(1);
  expect(comparison.result).toBeNull();
});
