import { expect, test } from 'vitest';
import type { RunProgress } from '../../electron/core/run.ts';
import type { TuningWishes } from '../../electron/engine/models/tuning.ts';
import type { RunModels } from '../../electron/engine/run-model.ts';
import { openRunQueue } from '../../electron/engine/run-queue.ts';
import { photosFolder } from '../support/engine.ts';
import { openTestStore } from '../support/library.ts';
import { plainRunModels, plainTuning } from '../support/run-models.ts';

test('a run on a provider that does not work fails with that reason, and one on cpu goes on with it', async () => {
  const store = openTestStore();
  let ended = Promise.withResolvers<RunProgress>();
  const states: RunProgress['state'][] = [];
  await using queue = openRunQueue(store, plainRunModels(), {
    scan: () => {},
    run: (progress) => {
      states.push(progress.state);
      if (progress.state === 'failed' || progress.state === 'finished') ended.resolve(progress);
    },
    changed: () => {},
    fatal: () => {},
  });
  const { datasetId } = store.datasets.open([photosFolder]);

  const plain = { threads: 1, batchSize: 0, gentle: false, thumbnails: false };
  queue.configure({ ...plain, provider: process.platform === 'darwin' ? 'dml' : 'coreml' });
  const { runId } = await queue.start(datasetId, null, 5);
  expect(await ended.promise).toMatchObject({ runId, state: 'failed', reason: 'provider.failed', done: 0 });
  expect(states).not.toContain('running');
  expect(store.runs.latest(datasetId)).toMatchObject({ id: runId, state: 'failed' });
  expect(store.datasets.counts(datasetId).byStatus).toMatchObject({ pending: 8, failed: 0 });

  ended = Promise.withResolvers();
  queue.configure({ ...plain, provider: 'cpu' });
  await queue.start(datasetId, null, 5);
  expect(await ended.promise).toMatchObject({ runId, state: 'finished', done: 8, failed: 0, reason: null });
});

/** Start a run of the samples and wait for its end. */
async function labelSamples(models: RunModels, settings: { gentle?: boolean; threads?: number } = {}) {
  const store = openTestStore();
  const reports: RunProgress[] = [];
  const ended = Promise.withResolvers<void>();
  await using queue = openRunQueue(store, models, {
    scan: () => {},
    run: (progress) => {
      reports.push(progress);
      if (['failed', 'finished', 'cancelled'].includes(progress.state)) ended.resolve();
    },
    changed: () => {},
    fatal: () => {},
  });
  queue.configure({ threads: 0, batchSize: 0, provider: 'cpu', gentle: false, thumbnails: false, ...settings });
  const { datasetId } = store.datasets.open([photosFolder]);
  await queue.start(datasetId, 'resnext26-tags', 5);
  await ended.promise;
  return { store, reports, datasetId };
}

test('a run tells that it measures the machine, and takes the setting found', async () => {
  const wishes: TuningWishes[] = [];
  const { store, reports } = await labelSamples(
    {
      ...plainRunModels(),
      tunings: {
        forRun: (_, asked) => {
          wishes.push(asked);
          asked.onMeasuring?.();
          return Promise.resolve({ ...plainTuning, sessions: 2, batchSize: 3 });
        },
      },
    },
    { threads: 1 },
  );

  expect(wishes).toMatchObject([{ provider: 'cpu', threads: 1, batchSize: 0, pictureCount: 8 }]);
  const states = reports.map(({ state }) => state).filter((state, at, all) => state !== all[at - 1]);
  expect(states).toEqual(['scanning', 'loading', 'tuning', 'loading', 'running', 'finished']);
  expect(reports.at(-1)).toMatchObject({ done: 8, failed: 0, gentle: false });
  const settings = store.db.prepare(`SELECT settings FROM runs`).pluck().get() as string;
  expect(JSON.parse(settings)).toMatchObject({ sessions: 2, batchSize: 3, threads: 1, mergeWidth: 0, provider: 'cpu' });
});

// It gives way to everything else on the machine.
test('a gentle run says so and measures nothing', { timeout: 180_000 }, async () => {
  const counts: number[] = [];
  const { reports } = await labelSamples(
    {
      ...plainRunModels(),
      tunings: {
        forRun: (_, { pictureCount }) => {
          counts.push(pictureCount);
          return Promise.resolve(plainTuning);
        },
      },
    },
    { gentle: true },
  );

  expect(counts).toEqual([0]);
  expect(reports.every(({ gentle }) => gentle)).toBe(true);
  expect(reports.at(-1)).toMatchObject({ state: 'finished', done: 8 });
});

test('the integer form of a model is known by its own name in the library, and by that of the model to the screen', async () => {
  const plain = plainRunModels();
  const asked: string[] = [];
  const { store, reports, datasetId } = await labelSamples({
    ...plain,
    variants: {
      forRun: async (modelId) => {
        asked.push(modelId);
        return { ...(await plain.variants.forRun(modelId)), id: 'resnext26-tags@int8' };
      },
    },
  });

  expect(new Set(reports.map(({ modelId }) => modelId))).toEqual(new Set(['resnext26-tags']));
  expect(store.runs.latest(datasetId)!.modelName).toBe('resnext26-tags@int8');
  expect(asked).toEqual(['resnext26-tags', 'resnext26-tags@original']);
});
