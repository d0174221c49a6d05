/** @file The calls about installed models, over a real registry, machine and library. */
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { installedHandlers, type InstalledOptions } from '../../../electron/engine/models/installed-handlers.ts';
import { openAlone } from '../../../electron/engine/models/alone.ts';
import { openMachine } from '../../../electron/engine/models/machine.ts';
import { openTunings } from '../../../electron/engine/models/tuning.ts';
import { openRegistry } from '../../../electron/engine/models/registry.ts';
import { ended, openTestEngine, photosFolder } from '../../support/engine.ts';
import { labelAll, seededLibrary, temporaryFolder } from '../../support/library.ts';
import { channelLabels, channelMeans, writeModel } from '../../support/models.ts';

function setUp(changes: Partial<InstalledOptions> = {}) {
  const folder = temporaryFolder();
  const [ours, own] = [join(folder, 'ours'), join(folder, 'own')];
  writeModel(join(ours, 'bundled'), channelMeans(), { id: 'bundled' });
  writeModel(join(own, 'means'), channelMeans({ side: 9 }), {
    input: { name: 'input', layout: 'NCHW', width: 9, height: 9 },
    preprocess: { shortSide: 9, cropWidth: 9, cropHeight: 9, mean: [0.5, 0.5, 0.5], std: [0.1, 0.1, 0.1] },
  });
  const machine = openMachine(join(folder, 'machine.json'));
  const registry = openRegistry([ours, own], { speedOf: (sha256) => machine.speed(sha256) });
  const library = seededLibrary(2);
  const events: string[] = [];
  const forgotten: string[] = [];
  const { atWork = () => [] } = changes;
  const calls = installedHandlers({
    registry,
    machine,
    tunings: openTunings(machine),
    store: library.store,
    settings: () => ({ threads: 0, provider: 'cpu' }),
    atWork,
    alone: openAlone(atWork),
    forget: (sha256) => Promise.resolve(void forgotten.push(sha256)),
    emit: (name) => events.push(name),
    ...changes,
  });
  return { calls, own, registry, machine, library, events, forgotten };
}

// A measurement of the settings and one of the speed: some fifteen seconds when nothing else goes on.
describe('measuring', { timeout: 180_000 }, () => {
  test('a model shows its speed from then on', async () => {
    const { calls, registry, events } = setUp();
    const speed = await calls['models.measure']({ modelId: 'means' });
    const models = await registry.list();

    expect(models.map((model) => model.speed)).toEqual([null, speed]);
    expect(events).toEqual(['models.changed']);
  });

  test('a model is from then on labeled with the settings that were found best', async () => {
    const { calls, registry, machine } = setUp();
    await calls['models.measure']({ modelId: 'means' });
    const { sha256 } = await registry.get('means');

    expect(machine.tuning(sha256, 'cpu', availableParallelism())?.measuredMs).toBeGreaterThan(0);
  });

  test('an architecture is remembered by its name', async () => {
    const { calls, machine } = setUp();
    const name = 'ResNeXt[1,1,1,1]_4x4d';
    const speed = await calls['models.measure']({ modelId: name });

    expect(machine.speed(name)).toEqual(speed);
  });

  test('installed weights of the catalogue stand for their architecture', async () => {
    const { calls, machine, own, registry } = setUp();
    writeModel(join(own, 'weights'), channelMeans({ side: 10 }), {
      id: 'paddleclas.resnext50-32x4d',
      input: { name: 'input', layout: 'NCHW', width: 10, height: 10 },
      preprocess: { shortSide: 10, cropWidth: 10, cropHeight: 10, mean: [0.5, 0.5, 0.5], std: [0.1, 0.1, 0.1] },
    });
    const speed = await calls['models.measure']({ modelId: 'paddleclas.resnext50-32x4d' });

    expect(machine.speed('ResNeXt50_32x4d')).toEqual(speed);
    expect((await registry.list()).filter((model) => model.speed !== null)).toHaveLength(1);
  });

  test('on a provider that does not run fails with its reason and leaves no trace', async () => {
    const provider = process.platform === 'win32' ? 'coreml' : 'dml';
    const { calls, registry } = setUp({ settings: () => ({ threads: 1, provider }) });

    await expect(calls['models.measure']({ modelId: 'means' })).rejects.toMatchObject({ code: 'provider.failed' });
    expect((await registry.list()).every(({ speed }) => speed === null)).toBe(true);
  });

  test('is done one at a time, and can be cancelled', async () => {
    const { calls, events } = setUp();
    const first = calls['models.measure']({ modelId: 'means' });
    await expect(calls['models.measure']({ modelId: 'means' })).rejects.toMatchObject({ code: 'busy' });
    await expect(calls['providers.probe']({ modelId: null })).rejects.toMatchObject({ code: 'busy' });
    await calls['models.measure-cancel']({});

    await expect(first).rejects.toMatchObject({ code: 'aborted' });
    expect(events).toEqual([]);
    await calls['models.measure-cancel']({});
    await expect(calls['models.measure']({ modelId: 'bundled' })).resolves.toMatchObject({ provider: 'cpu' });
  });

  test('waits until nothing is being labeled', async () => {
    const { calls } = setUp({ atWork: () => ['bundled'] });

    await expect(calls['models.measure']({ modelId: 'means' })).rejects.toMatchObject({ code: 'busy' });
  });

  test('what does not exist is not found', async () => {
    await expect(setUp().calls['models.measure']({ modelId: 'nonesuch' })).rejects.toMatchObject({
      code: 'model.not-found',
    });
  });
});

describe('own models', () => {
  test('are renamed and removed, and everybody is told', async () => {
    const { calls, registry, own, events } = setUp();
    await calls['models.rename']({ modelId: 'means', title: 'Garden' });
    expect((await registry.list()).map(({ title }) => title)).toEqual(['Channel means', 'Garden']);
    await calls['models.remove']({ modelId: 'means' });

    expect(existsSync(join(own, 'means'))).toBe(false);
    expect(events).toEqual(['models.changed', 'models.changed']);
  });

  test('that are removed take what was made of them along, unless another has the same file', async () => {
    const { calls, own, registry, forgotten } = setUp();
    const { sha256 } = await registry.get('means');
    cpSync(join(own, 'means'), join(own, 'twin'), { recursive: true });
    const manifest = join(own, 'twin/model.json');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"id":"means"', '"id":"twin"'));
    await calls['models.remove']({ modelId: 'twin' });
    expect(forgotten).toEqual([]);
    await calls['models.remove']({ modelId: 'means' });
    expect(forgotten).toEqual([sha256]);
  });

  test.each(['means', 'means@int8'])('stay while they are at work as %s', async (id) => {
    const { calls, own } = setUp({ atWork: () => [id] });

    await expect(calls['models.remove']({ modelId: 'means' })).rejects.toMatchObject({ code: 'busy' });
    expect(existsSync(join(own, 'means/model.onnx'))).toBe(true);
  });

  test('that labeled something are listed under their title of today, and those that are gone under their last', async () => {
    const { calls, library } = setUp();
    const { store, datasetId, imageIds, categoryIds } = library;
    labelAll(library);
    const modelId = store.runs.ensureModel('means', 'Old title', 'e'.repeat(64));
    const runId = store.runs.insert(datasetId, modelId, 3, {});
    labelAll({ ...library, modelId, runId, imageIds: imageIds.slice(1), categoryIds });

    expect(await calls['models.used']({ datasetId })).toEqual([
      { modelId: 'means', title: 'Channel means', imageCount: 1 },
      { modelId: 'cats', title: 'Cats', imageCount: 2 },
    ]);
    await expect(calls['models.used']({ datasetId: 99 })).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('comparing', () => {
  test('needs two models that have labeled something, and names the one that has not', async () => {
    const { calls, library } = setUp();
    const { datasetId } = library;
    labelAll(library);
    const compare = async (input: { datasetId: number; modelIds: [string, string] }) => calls['models.compare'](input);

    await expect(compare({ datasetId, modelIds: ['cats', 'means'] })).rejects.toThrow(
      expect.objectContaining({
        code: 'not-found',
        message: 'The model "means" has labeled no picture of this dataset',
      }),
    );
    await expect(compare({ datasetId, modelIds: ['cats', 'cats'] })).rejects.toThrow(
      expect.objectContaining({ code: 'input.invalid' }),
    );
    await expect(compare({ datasetId: 99, modelIds: ['cats', 'means'] })).rejects.toThrow(
      expect.objectContaining({ code: 'not-found' }),
    );
  });

  test('takes the float form by the name that asks for it, too', async () => {
    const { calls, library } = setUp();
    const { store, datasetId } = library;
    labelAll(library);
    const modelId = store.runs.ensureModel('cats@int8', 'Cats, fast', 'e'.repeat(64));
    labelAll({ ...library, modelId, runId: store.runs.insert(datasetId, modelId, 3, {}) });
    const compare = async (modelIds: [string, string]) => calls['models.compare']({ datasetId, modelIds });

    expect(await compare(['cats@int8', 'cats@original'])).toEqual(await compare(['cats@int8', 'cats']));
    await expect(compare(['cats', 'cats@original'])).rejects.toMatchObject({ code: 'input.invalid' });
  });

  test('models without a picture in common gives nothing, not an error', async () => {
    const { calls, library } = setUp();
    const { store, datasetId, imageIds } = library;
    labelAll({ ...library, imageIds: imageIds.slice(0, 1) });
    const modelId = store.runs.ensureModel('means', 'Means', 'e'.repeat(64));
    labelAll({ ...library, modelId, runId: store.runs.insert(datasetId, modelId, 3, {}), imageIds: imageIds.slice(1) });

    expect(await calls['models.compare']({ datasetId, modelIds: ['cats', 'means'] })).toMatchObject({ imageCount: 0 });
  });
});

test('providers are tried with the first usable model when none is named', async () => {
  const { calls } = setUp();
  const states = await calls['providers.probe']({ modelId: null });

  expect(states[0]).toMatchObject({ provider: 'cpu', state: 'works' });
  expect(await calls['providers.list']({})).toEqual(states);
});

test('two models run one after the other over the same photos can be compared', async () => {
  const models = temporaryFolder();
  writeModel(join(models, 'a'), channelMeans(), { id: 'straight' });
  // The same answers under turned names: never the same.
  const turned = [...channelLabels.slice(1), channelLabels[0]!];
  writeModel(
    join(models, 'b'),
    channelMeans({ after: ['Softmax'] }),
    { id: 'turned', outputs: { scores: 'logits' } },
    turned,
  );
  const { call, until } = await openTestEngine(undefined, { modelsPaths: [models] });
  const { datasetId } = await call['datasets.open']({ folders: [photosFolder] });
  for (const modelId of ['straight', 'turned']) {
    const { runId } = await call['run.start']({ datasetId, modelId, topK: 3 });
    await until((progress) => progress.runId === runId && ended(progress));
  }

  const used = await call['models.used']({ datasetId });
  expect(used.map(({ modelId }) => modelId)).toEqual(['turned', 'straight']);
  const comparison = await call['models.compare']({ datasetId, modelIds: ['straight', 'turned'] });
  expect(comparison.imageCount).toBe(used[0]!.imageCount);
  expect(comparison.imageCount).toBeGreaterThan(5);
  expect(comparison.agreedCount).toBe(0);
  const next = { red: 'green', green: 'blue', blue: 'red' } as Record<string, string>;
  for (const { categories } of comparison.confusion) expect(categories[1]).toBe(next[categories[0]]);
});
