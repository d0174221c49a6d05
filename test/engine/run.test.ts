import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RunProgress } from '../../electron/core/run.ts';
import { openClassifier } from '../../electron/engine/inference/classifier.ts';
import { openRegistry } from '../../electron/engine/models/registry.ts';
import { startRun, type Run } from '../../electron/engine/run.ts';
import { scan } from '../../electron/engine/scan.ts';
import { findProblems } from '../../electron/engine/store/check.ts';
import type { Store } from '../../electron/engine/store/store.ts';
import { modelsFolder, photosFolder } from '../support/engine.ts';
import { openTestStore, temporaryFolder } from '../support/library.ts';

/** A run of the bundled model over `count` copies of the samples, with its reports. */
async function startTestRun(
  store: Store,
  count: number,
): Promise<{ run: Run; reports: RunProgress[]; datasetId: number }> {
  const folder = temporaryFolder();
  const photos = readdirSync(photosFolder).filter((name) => name.endsWith('.jpg'));
  for (let index = 0; index < count; index++) {
    cpSync(join(photosFolder, photos[index % photos.length]!), join(folder, `${index}.jpg`));
  }
  const { datasetId } = store.datasets.open([folder]);
  await scan(store, datasetId, () => {});
  const model = await openRegistry([modelsFolder]).get('resnext26-tags');
  const modelId = store.runs.ensureModel(model.id, model.manifest.title, model.sha256);
  const runId = store.runs.insert(datasetId, modelId, 5, {});
  const categoryIds = store.categories.ensureAll(datasetId, model.labels);
  const classifier = await openClassifier(model, { threads: 1, decoders: 2, embeddings: true, provider: 'cpu' });
  const reports: RunProgress[] = [];
  const run = startRun(
    {
      results: store.results,
      counts: () => store.datasets.counts(datasetId).byStatus,
      setState: (state, reason) => store.runs.setState(runId, state, reason),
    },
    classifier,
    { datasetId, modelId: model.id, context: { runId, modelId, categoryIds }, topK: 5, batchSize: 8, gentle: false },
    (progress) => reports.push(progress),
  );
  void run.ended.then(() => classifier[Symbol.asyncDispose]());
  return { run, reports, datasetId };
}

test('every picture gets five predictions and one embedding', async () => {
  const store = openTestStore();
  const { run } = await startTestRun(store, 20);
  await run.ended;

  const perImage = store.db.prepare(`SELECT count(*) AS n FROM predictions GROUP BY image_id`).all();
  expect(perImage).toEqual(Array.from({ length: 20 }, () => ({ n: 5 })));
  const sizes = store.db.prepare(`SELECT DISTINCT length(features) AS bytes FROM embeddings`).all();
  expect(sizes).toEqual([{ bytes: 2048 }]);
  expect(store.db.prepare(`SELECT count(*) AS n FROM embeddings`).get()).toEqual({ n: 20 });
});

test('progress counts what is committed, and never goes back', async () => {
  const store = openTestStore();
  const { run, reports, datasetId } = await startTestRun(store, 40);
  const committed: number[] = [];
  const original = reports.push.bind(reports);
  reports.push = (...items) => {
    committed.push(store.datasets.counts(datasetId).byStatus.done);
    return original(...items);
  };
  await run.ended;

  const done = reports.map((report) => report.done);
  expect(done).toEqual([...done].sort((a, b) => a - b));
  expect(reports.at(-1)).toMatchObject({ state: 'finished', done: 40, total: 40 });
  for (const [index, count] of committed.entries()) {
    expect(count).toBeGreaterThanOrEqual(reports[reports.length - committed.length + index]!.done);
  }
  expect(reports.some(({ imagesPerSecond, secondsLeft }) => imagesPerSecond! > 0 && secondsLeft !== null)).toBe(true);
});

test('a full disk pauses the run, and nothing is lost when there is space again', async () => {
  const store = openTestStore(join(temporaryFolder(), 'full.labelwright'));
  const { run, reports, datasetId } = await startTestRun(store, 64);
  const pages = store.db.pragma('page_count', { simple: true }) as number;
  store.db.pragma(`max_page_count = ${pages + 4}`);
  while (!reports.some(({ reason }) => reason === 'disk.full')) await new Promise((resolve) => setTimeout(resolve, 20));
  const stuck = store.datasets.counts(datasetId).byStatus.done;
  expect(stuck).toBeLessThan(64);
  store.db.pragma('max_page_count = 1073741823');

  expect(await run.ended).toMatchObject({ state: 'finished', failed: 0 });
  expect(store.datasets.counts(datasetId).byStatus).toEqual({ pending: 0, done: 64, failed: 0, missing: 0 });
  expect(store.db.prepare(`SELECT count(*) AS n FROM predictions`).get()).toEqual({ n: 320 });
  expect(findProblems(store.db)).toEqual([]);
});
