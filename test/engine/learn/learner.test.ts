/** @file Learning as a person meets it: decisions in, predictions, queues and groups out, over generated embeddings. */
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { LearnState } from '#core/learn.ts';
import { openLearner, type Learner } from '../../../electron/engine/learn/learner.ts';
import type { Classified } from '../../../electron/engine/inference/protocol.ts';
import { labeled, seededLibrary, temporaryFolder, type SeededLibrary } from '../../support/library.ts';
import { seededRandom } from '../../support/pictures.ts';

const width = 32;

/** Pictures of three kinds in turn: 0, 1, 2, 0, … each near a direction of its own. */
function libraryOf(count: number): SeededLibrary {
  const library = seededLibrary(count, join(temporaryFolder(), 'test.labelwright'));
  const random = seededRandom(7);
  const results = library.imageIds.map((id, place): Classified => {
    const features = Float32Array.from({ length: width }, (_, at) => 0.3 * random() + (at % 3 === place % 3 ? 1 : 0));
    return { ...labeled(id, 0.6 + 0.3 * random()), features } as Classified;
  });
  library.store.results.commit(results, [], library);
  return library;
}

function openTestLearner({ store }: SeededLibrary, emit: (state: LearnState) => void = () => {}): Learner {
  const learner = openLearner({
    store,
    libraryPath: store.db.name,
    cachePath: '',
    emit,
    predicted: () => {},
    model: () => Promise.reject(new Error('No model here')),
  });
  onTestFinished(() => learner[Symbol.asyncDispose]());
  return learner;
}

/** The first `count` of each of the first `kinds` kinds, by names the model does not have. */
async function decideKinds({ store, datasetId, imageIds }: SeededLibrary, kinds: number, count: number) {
  for (let place = 0; place < kinds * 3 * count; place++) {
    const kind = place % 3;
    if (kind >= kinds || Math.floor(place / 3) >= count) continue;
    await store.decisions.decide(datasetId, [imageIds[place]!], { kind: 'label-name', name: `kind ${kind}` });
  }
}

test('after a few decisions pictures like those decided get the categories a person invented', async () => {
  const library = libraryOf(90);
  const { store, datasetId, imageIds } = library;
  const learner = openTestLearner(library);
  store.datasets.setWay(datasetId, { ...store.datasets.way(datasetId), learn: 'closed' });
  await decideKinds(library, 3, 3);

  const state = await learner.handlers['learn.now']({ datasetId });

  expect(state).toMatchObject({ exampleCount: 9, categoryCount: 3, embeddedCount: 90, held: false, working: null });
  expect(state.head).toMatchObject({ current: true, exampleCount: 9, categoryCount: 3 });
  const rows = store.views.rowsOf(imageIds.slice(45));
  expect(rows.map(({ label }) => label)).toEqual(rows.map((_, at) => `kind ${at % 3}`));
  expect(store.views.detail(imageIds[80]!)).toMatchObject({ predictedBy: 'head' });
});

test('pictures unlike anything decided keep what the model said', async () => {
  const library = libraryOf(90);
  const { store, datasetId, imageIds } = library;
  const learner = openTestLearner(library);
  await decideKinds(library, 2, 6);

  await learner.handlers['learn.now']({ datasetId });

  const third = imageIds.filter((_, place) => place % 3 === 2);
  expect(third.map((id) => store.views.detail(id).predictedBy)).toEqual(third.map(() => 'model'));
  expect(store.views.detail(imageIds[60]!)).toMatchObject({ label: 'kind 0', predictedBy: 'head' });
});

test('going back to the model gives every picture what the model said, exactly, and corrections wait', async () => {
  const library = libraryOf(60);
  const { store, datasetId, imageIds } = library;
  const learner = openTestLearner(library);
  const shown = () =>
    imageIds.map((id) => store.views.detail(id)).map(({ predictions, score }) => [predictions, score]);
  const before = shown();
  await decideKinds(library, 3, 3);
  const { head } = await learner.handlers['learn.now']({ datasetId });
  expect(shown()).not.toEqual(before);

  const state = await learner.handlers['learn.revert']({ datasetId, runId: null });

  expect(state).toMatchObject({ held: true, head: null });
  expect(shown()).toEqual(before);
  await decideKinds(library, 3, 5);
  expect((await learner.handlers['learn.now']({ datasetId })).head).toBeNull();
  const again = await learner.handlers['learn.revert']({ datasetId, runId: head!.runId });
  expect(again.head?.runId).toBe(head!.runId);
  expect(store.heads.currentRunId(datasetId)).toBe(head!.runId);
});

test('with too few decisions nothing is learned, and the counts say what is missing', async () => {
  const library = libraryOf(30);
  const learner = openTestLearner(library);
  await decideKinds(library, 1, 3);

  const state = await learner.handlers['learn.now']({ datasetId: library.datasetId });

  expect(state).toMatchObject({ head: null, exampleCount: 3, categoryCount: 1, embeddedCount: 30 });
});

test('every queue holds the pictures of the view; the one of probable slips only decided ones', async () => {
  const library = libraryOf(60);
  const { store, datasetId, imageIds } = library;
  const learner = openTestLearner(library);
  await decideKinds(library, 3, 6);
  await store.decisions.decide(datasetId, [imageIds[1]!], { kind: 'label-name', name: 'kind 0' });
  const ids = Int32Array.from(imageIds);

  for (const key of ['entropy', 'diverse', 'novel', 'random'] as const) {
    const order = await learner.order(datasetId, ids, { key, descending: false });
    expect([...order].sort((a, b) => a - b)).toEqual(imageIds);
  }
  const similar = await learner.order(datasetId, ids, { key: 'similar', descending: false, imageId: imageIds[4]! });
  expect(similar[0]).toBe(imageIds[4]);
  expect([...similar.subarray(0, 20)].every((id) => imageIds.indexOf(id) % 3 === 1)).toBe(true);
  const wrong = await learner.order(datasetId, ids, { key: 'wrong', descending: false });
  expect(wrong[0]).toBe(imageIds[1]);
  expect(wrong).toHaveLength(18);
  const nearest = await learner.handlers['image.nearest']({ imageId: imageIds[50]!, limit: 3 });
  expect(nearest.map(({ row }) => row.label)).toEqual(['kind 2', 'kind 2', 'kind 2']);
});

test('a head that was not applied to the end is, at the next start', async () => {
  const library = libraryOf(60);
  const { store, datasetId, imageIds } = library;
  store.datasets.setWay(datasetId, { ...store.datasets.way(datasetId), learn: 'closed' });
  await decideKinds(library, 3, 3);
  const first = openTestLearner(library);
  const { head } = await first.handlers['learn.now']({ datasetId });
  await first[Symbol.asyncDispose]();
  // As a crash in the middle would have left it.
  store.heads.setSettings(head!.runId, { ...store.heads.get(head!.runId)!.settings, applied: false });
  store.headPredictions.clear(datasetId, 1000);
  expect(store.views.detail(imageIds[50]!).predictedBy).toBe('model');
  expect(store.heads.unapplied()).toEqual([datasetId]);

  openTestLearner(library);

  await expect.poll(() => store.heads.unapplied(), { timeout: 10_000 }).toEqual([]);
  expect(store.views.detail(imageIds[50]!)).toMatchObject({ predictedBy: 'head', label: 'kind 2' });
});

test('clusters hold unreviewed pictures of one predicted category, doubtful ones apart', async () => {
  const library = libraryOf(30);
  const { datasetId } = library;
  const learner = openTestLearner(library);

  const { total, groups } = await learner.handlers['groups.list']({
    datasetId,
    kind: 'clusters',
    offset: 0,
    limit: 10,
    rows: 5,
  });

  expect(total).toBe(1);
  expect(groups[0]).toMatchObject({ category: 'tiger' });
  expect(groups[0]!.imageIds.length + groups[0]!.doubtfulIds.length).toBe(30);
  expect(groups[0]!.rows).toHaveLength(5);
  expect(await learner.handlers['sample.estimate']({ datasetId })).toMatchObject({ reviewed: 0, accuracy: null });
});

test('copies whose embeddings only agree well are found once a run has looked at them', async () => {
  const library = seededLibrary(60, join(temporaryFolder(), 'test.labelwright'));
  const { store, imageIds, datasetId, modelId, categoryIds } = library;
  const learner = openTestLearner(library);
  const random = seededRandom(3);
  const rows = imageIds.map(() => Float32Array.from({ length: width }, () => random() + random() - 1));
  // A cosine of about 0.85 to the first.
  rows[1] = rows[0]!.map((value, at) => value + 0.6 * rows[1]![at]!);
  const results = (hash: (place: number) => { perceptualHash?: Uint8Array }) =>
    imageIds.map((id, place) => ({ ...labeled(id), features: rows[place]!, ...hash(place) }) as Classified);
  const page = { datasetId, kind: 'duplicates', offset: 0, limit: 50, rows: 1 } as const;
  const groups = async () => (await learner.handlers['groups.list'](page)).groups.map((group) => group.imageIds);
  const copies = async () => (await learner.handlers['image.duplicates']({ imageId: imageIds[0]! })).imageIds;
  // As a version of the app left it that knew no hashes.
  store.results.commit(
    results(() => ({})),
    [],
    library,
  );
  expect(await groups()).toEqual([]);
  expect(await copies()).toEqual([]);

  // All look alike to the hash; their embeddings tell them apart.
  const hash = (place: number) => ({ perceptualHash: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, place % 8) });
  store.results.commit(results(hash), [], {
    runId: store.runs.insert(datasetId, modelId, 3, {}),
    modelId,
    categoryIds,
  });

  expect(await groups()).toEqual([imageIds.slice(0, 2)]);
  expect(await copies()).toEqual([imageIds[1]]);
  const offered = async () => (await learner.handlers['image.duplicates']({ imageId: imageIds[0]! })).unreviewedIds;
  expect(await offered()).toEqual([imageIds[1]]);
  await store.decisions.decide(datasetId, [imageIds[1]!], { kind: 'skip' });
  expect(await offered()).toEqual([]);
});

test('what goes wrong while nobody waits is told with the state, and over when it goes well again', async () => {
  const library = libraryOf(30);
  const { store, datasetId } = library;
  const told: LearnState[] = [];
  const learner = openTestLearner(library, (state) => told.push(state));
  await decideKinds(library, 2, 3);
  store.db.exec(`ALTER TABLE embeddings RENAME TO elsewhere`);

  learner.changed(datasetId);

  const last = () => told.at(-1);
  await expect
    .poll(last, { timeout: 20_000 })
    .toMatchObject({ problem: 'inference.failed', working: null, head: null });
  store.db.exec(`ALTER TABLE elsewhere RENAME TO embeddings`);
  learner.changed(datasetId);
  await expect.poll(last, { timeout: 20_000 }).toMatchObject({ problem: null, head: { exampleCount: 6 } });
});
