import { expect, test } from 'vitest';
import { formOfRun, goingOn, type RunModels } from '../../electron/engine/run-model.ts';
import { labeled, seededLibrary } from '../support/library.ts';
import { plainRunModels } from '../support/run-models.ts';

/** A model with two forms, of which the one in integers is in use, or not there at all. */
function forms(inUse: 'a@int8' | 'a'): RunModels {
  const forRun = async (modelId: string) => {
    const model = await plainRunModels().variants.forRun('resnext26-tags');
    const id = modelId === 'a' ? inUse : modelId.replace('@original', '');
    return { ...model, id, sha256: id === 'a' ? 'float' : 'integers' };
  };
  return { ...plainRunModels(), variants: { forRun } };
}

test('a run takes the form in use, and lets results of the other stand', async () => {
  const form = await formOfRun('a', forms('a@int8'));
  expect(form).toMatchObject({ model: { id: 'a@int8', sha256: 'integers' }, original: 'float', insists: false });
  expect(await formOfRun('a', forms('a'))).toMatchObject({ model: { id: 'a' }, original: 'float', insists: false });
});

test('a form asked for by name is taken, and only its own results stand', async () => {
  const models = forms('a@int8');
  expect(await formOfRun('a@int8', models)).toMatchObject({
    model: { id: 'a@int8' },
    original: 'float',
    insists: true,
  });
  expect(await formOfRun('a@original', models)).toMatchObject({ model: { id: 'a' }, original: 'float', insists: true });
});

test('a run that was cut off goes on with the form somebody asked for, else with the one in use by now', () => {
  expect(goingOn({ modelName: 'a', insists: 1 })).toBe('a@original');
  expect(goingOn({ modelName: 'a@int8', insists: 1 })).toBe('a@int8');
  expect(goingOn({ modelName: 'a@int8', insists: 0 })).toBe('a');
  expect(goingOn({ modelName: 'a', insists: null })).toBe('a');
});

test('results of the other form stand, unless somebody insists; those of another model never do', async () => {
  const { store, datasetId, imageIds, categoryIds } = seededLibrary(3);
  const pending = () => store.datasets.counts(datasetId).byStatus.pending;
  const runs = [
    { name: 'a', original: 'float' },
    { name: 'a@int8', original: 'float' },
    { name: 'b', original: 'other' },
  ].map(({ name, original }) => {
    const modelId = store.runs.ensureModel(name, name, name.padEnd(64, '0'));
    return { modelId, runId: store.runs.insert(datasetId, modelId, 5, { original, insists: false }) };
  });
  runs.forEach(({ modelId, runId }, at) =>
    store.results.commit([labeled(imageIds[at]!, 0.75)], [], { runId, modelId, categoryIds }),
  );
  const wanted = { modelId: runs[1]!.modelId, original: 'float', topK: 5 };

  expect(await store.images.resetOthers(datasetId, { ...wanted, insists: false })).toBe(1);
  expect(pending()).toBe(1);
  expect(await store.images.resetOthers(datasetId, { ...wanted, insists: true })).toBe(1);
  expect(pending()).toBe(2);
  expect(store.runs.latest(datasetId)).toMatchObject({ modelName: 'b', insists: 0 });
});
