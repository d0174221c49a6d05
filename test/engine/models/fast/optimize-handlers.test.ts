/** @file The calls that make models faster, over a whole engine. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { OptimizeProgress } from '#core/model.ts';
import { makePhotos } from '../../../kill/photos.ts';
import { ended, openTestEngine, photosFolder, modelsFolder } from '../../../support/engine.ts';
import { seededLibrary, temporaryFolder } from '../../../support/library.ts';
import { writeTinyResnext } from '../../../support/tiny-resnext.ts';

async function setUp() {
  const own = join(temporaryFolder(), 'models');
  mkdirSync(own);
  const test = await openTestEngine(undefined, { modelsPaths: [modelsFolder, own] });
  const told = () =>
    test.events.filter(({ name }) => name === 'optimize.progress').map(({ payload }) => payload as OptimizeProgress);
  return { ...test, own, told };
}

test('the bundled model lists its fast form, with the report', async () => {
  const { call } = await setUp();
  const model = (await call['models.list']({})).find(({ id }) => id === 'resnext26-tags')!;
  expect(model.fast).toMatchObject({ own: false, report: { passed: true } });
});

test('a library with too few photos is told, and how many it takes', async () => {
  const { call, told } = await setUp();
  const { datasetId } = await call['datasets.open']({ folders: [photosFolder] });
  await call['scan.start']({ datasetId });
  const refused = { code: 'model.too-few-photos', details: expect.objectContaining({ needed: 460 }) as object };
  await expect(call['models.optimize']({ modelId: 'resnext26-tags', datasetId })).rejects.toMatchObject(refused);
  await expect(call['models.optimize']({ modelId: 'resnext26-tags', datasetId: null })).rejects.toMatchObject(refused);
  await expect(async () => call['models.optimize']({ modelId: 'resnext26-tags', datasetId: 99 })).rejects.toMatchObject(
    {
      code: 'not-found',
    },
  );
  expect(told().at(-1)).toMatchObject({ stage: 'failed', reason: 'model.too-few-photos', modelId: 'resnext26-tags' });
});

test('one at a time, and it can be cancelled', async () => {
  const { call, own, told } = await setUp();
  await writeTinyResnext(own);
  const folder = join(temporaryFolder(), 'photos');
  await makePhotos(folder, 461, 9);
  const first = call['models.optimize-folder']({ modelId: 'tiny', folder });
  await expect(call['models.optimize-folder']({ modelId: 'tiny', folder })).rejects.toMatchObject({ code: 'busy' });
  await expect(call['models.measure']({ modelId: 'tiny' })).rejects.toMatchObject({ code: 'busy' });
  // Measuring is something else.
  await call['models.measure-cancel']({});
  await call['models.optimize-cancel']({});

  await expect(first).rejects.toMatchObject({ code: 'aborted' });
  expect(told().at(-1)).toMatchObject({ stage: 'cancelled', reason: null });
  expect((await call['models.list']({})).find(({ id }) => id === 'tiny')!.fast).toBeNull();
}, 300_000);

test('it waits until nothing is being labeled', async () => {
  const { call, until } = await setUp();
  const { datasetId } = await call['datasets.open']({ folders: [photosFolder] });
  const { runId } = await call['run.start']({ datasetId, modelId: 'resnext26-tags', topK: 1 });
  await expect(call['models.optimize']({ modelId: 'resnext26-tags', datasetId })).rejects.toMatchObject({
    code: 'busy',
  });
  await until((progress) => progress.runId === runId && ended(progress));
}, 300_000);

test('a form that is switched off labels no more, and both can be compared', async () => {
  const { call, until, events } = await setUp();
  const { datasetId } = await call['datasets.open']({ folders: [photosFolder] });
  for (const modelId of ['resnext26-tags@int8', 'resnext26-tags@original']) {
    const { runId } = await call['run.start']({ datasetId, modelId, topK: 1 });
    await until((progress) => progress.runId === runId && ended(progress));
  }
  const used = (await call['models.used']({ datasetId })).map(({ modelId }) => modelId).sort();
  expect(used).toEqual(['resnext26-tags', 'resnext26-tags@int8']);
  const comparison = await call['models.compare']({ datasetId, modelIds: ['resnext26-tags', 'resnext26-tags@int8'] });
  // Two of the samples are ties: 'church' and 'city buildings' at 0.26 each, 'cat' and 'big cat'.
  expect(comparison.imageCount).toBe(8);
  expect(comparison.agreedCount).toBeGreaterThanOrEqual(6);

  const before = events.length;
  await call['models.use-fast']({ modelId: 'resnext26-tags', use: false });
  const model = (await call['models.list']({})).find(({ id }) => id === 'resnext26-tags')!;
  expect(model.fast).toMatchObject({ inUse: false, unusedBecause: 'switched-off' });
  // Beside it may stand what the run before it has yet to tell.
  expect(events.slice(before).map(({ name }) => name)).toContain('models.changed');
  await expect(call['models.discard-fast']({ modelId: 'resnext26-tags' })).rejects.toMatchObject({ code: 'not-found' });
}, 300_000);

test('photos are drawn by chance, the same ones for the same seed, never those that are gone or failed', () => {
  const { store, datasetId, imageIds } = seededLibrary(300);
  const drawn = store.images.sample(datasetId, 50, 1);
  expect(new Set(drawn).size).toBe(50);
  expect(drawn[0]).toMatch(/^\/photos\/a\/\d{3}\.jpg$/);
  expect(store.images.sample(null, 50, 1)).toEqual(drawn);
  expect(store.images.sample(datasetId, 50, 2)).not.toEqual(drawn);
  store.db.prepare(`UPDATE images SET status = 'missing' WHERE id > ?`).run(imageIds[9]);
  expect(store.images.sample(datasetId, 50, 1)).toHaveLength(10);
});
