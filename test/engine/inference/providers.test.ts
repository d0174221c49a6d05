/** @file Which providers run a model here. What they are depends on the machine; what is said of them does not. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { executionProviders } from '../../../electron/core/providers.ts';
import { openProviders } from '../../../electron/engine/inference/providers.ts';
import { openMachine } from '../../../electron/engine/models/machine.ts';
import { openRegistry } from '../../../electron/engine/models/registry.ts';
import { temporaryFolder } from '../../support/library.ts';
import { channelMeans, writeModel } from '../../support/models.ts';

function setUp(onnx = channelMeans(), manifest: Record<string, unknown> = {}) {
  const folder = temporaryFolder();
  writeModel(join(folder, 'models/means'), onnx, manifest);
  const registry = openRegistry([join(folder, 'models')]);
  const machinePath = join(folder, 'machine.json');
  return { model: () => registry.get('means'), open: () => openProviders(openMachine(machinePath)) };
}

test('before anything is tried, every provider is untried or not there to be tried', async () => {
  const states = await setUp().open().list();

  expect(states.map(({ provider }) => provider)).toEqual([...executionProviders]);
  expect(states[0]).toMatchObject({ provider: 'cpu', state: 'untried', reason: null });
  for (const { state, reason } of states) {
    expect(['untried', 'not-offered']).toContain(state);
    expect(reason === null).toBe(state === 'untried');
  }
  const foreign = process.platform === 'win32' ? 'coreml' : 'dml';
  expect(states.find(({ provider }) => provider === foreign)?.reason).toContain(`has no ${foreign} on`);
});

test('trying them all gives cpu as the measure, and a reason for each that does not work', async () => {
  const { model, open } = setUp();
  const states = await open().probe(await model(), { threads: 1 });

  expect(states[0]).toMatchObject({ provider: 'cpu', state: 'works', reason: null, maxDifference: 0 });
  expect(states[0]!.imagesPerSecond).toBeGreaterThan(0);
  for (const { state, reason, triedMs } of states) {
    expect(state).not.toBe('untried');
    expect(reason === null).toBe(state === 'works');
    expect(triedMs === null).toBe(state === 'not-offered');
    expect(reason ?? '').not.toMatch(/onnxruntime_src|\n/);
  }
});

test.runIf(process.platform === 'linux' && process.arch === 'x64')(
  'a provider whose libraries are not there fails with their name',
  async () => {
    const { model, open } = setUp();
    const cuda = (await open().probe(await model(), { threads: 1 })).find(({ provider }) => provider === 'cuda')!;

    expect(cuda).toMatchObject({ state: 'fails', maxDifference: null });
    expect(cuda.reason).toContain('libonnxruntime_providers_shared.so');
  },
);

test('what was found is remembered', async () => {
  const { model, open } = setUp();
  const tried = await open().probe(await model(), { threads: 1 });

  expect(await open().list()).toEqual(tried);
});

test('a model that insists on a number of pictures, and one that gives scores, can be tried too', async () => {
  const { model, open } = setUp(channelMeans({ rows: 2, after: ['Softmax'] }), { outputs: { scores: 'logits' } });
  const states = await open().probe(await model(), { threads: 1 });

  expect(states[0]).toMatchObject({ state: 'works', maxDifference: 0 });
});

test('a model that does not even run on cpu says nothing of the others', async () => {
  const { model, open } = setUp(channelMeans(), { outputs: { logits: 'elsewhere' } });
  const providers = open();

  await expect(providers.probe(await model(), { threads: 1 })).rejects.toMatchObject({ code: 'model.invalid' });
  expect((await providers.list())[0]!.state).toBe('untried');
});

test('trying ends when it is cancelled', async () => {
  const { model, open } = setUp();
  const stop = new AbortController();
  const probing = open().probe(await model(), { threads: 1, signal: stop.signal });
  setTimeout(() => stop.abort(), 200);

  await expect(probing).rejects.toMatchObject({ code: 'aborted' });
});
