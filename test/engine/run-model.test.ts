import { expect, test } from 'vitest';
import { AppError } from '../../electron/core/errors.ts';
import { modelOfRun, type RunModels } from '../../electron/engine/run-model.ts';
import type { Store } from '../../electron/engine/store/store.ts';
import { openTestStore } from '../support/library.ts';
import { plainRunModels } from '../support/run-models.ts';

/** A model with two forms, of which the one in integers is in use, and may be gone. */
function twoForms(fastThere = true): RunModels & { asked: string[] } {
  const asked: string[] = [];
  const forRun = async (modelId: string) => {
    asked.push(modelId);
    if (modelId === 'a@int8' && !fastThere) throw new AppError('not-found', 'There is no faster form');
    const model = await plainRunModels().variants.forRun('resnext26-tags');
    return { ...model, id: modelId === 'a@original' || !fastThere ? 'a' : 'a@int8' };
  };
  return { ...plainRunModels(), variants: { forRun }, asked };
}

/** A dataset whose latest run was made with this model. */
function labeledWith(store: Store, name: string): number {
  const { datasetId } = store.datasets.open(['/photos']);
  store.runs.insert(datasetId, store.runs.ensureModel(name, name, name.padEnd(64, '0')), 5, {});
  return datasetId;
}

test('a new dataset takes the form in use', async () => {
  const store = openTestStore();
  const { datasetId } = store.datasets.open(['/photos']);
  expect((await modelOfRun('a', datasetId, twoForms(), store)).id).toBe('a@int8');
});

test('a dataset goes on with the form it was labeled with', async () => {
  const store = openTestStore();
  expect((await modelOfRun('a', labeledWith(store, 'a'), twoForms(), store)).id).toBe('a');
  const other = openTestStore();
  expect((await modelOfRun('a', labeledWith(other, 'a@int8'), twoForms(), other)).id).toBe('a@int8');
});

test('a form asked for by name is taken, and a dataset of another model has no say', async () => {
  const store = openTestStore();
  const datasetId = labeledWith(store, 'a');
  const models = twoForms();
  expect((await modelOfRun('a@int8', datasetId, models, store)).id).toBe('a@int8');
  await modelOfRun('b', datasetId, models, store);
  expect(models.asked).toEqual(['a@int8', 'b']);
});

test('a form that is gone is replaced by the one in use', async () => {
  const store = openTestStore();
  expect((await modelOfRun('a', labeledWith(store, 'a@int8'), twoForms(false), store)).id).toBe('a');
});
