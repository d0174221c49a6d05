import { expect, test } from 'vitest';
import type { RunProgress } from '../../electron/core/run.ts';
import { openRunQueue } from '../../electron/engine/run-queue.ts';
import { photosFolder } from '../support/engine.ts';
import { openTestStore } from '../support/library.ts';
import { plainRunModels } from '../support/run-models.ts';

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
