/** @file What two models said of the same pictures, from however many runs. */
import { expect, test } from 'vitest';
import { compareSql, comparisonQueries, usedSql } from '../../../electron/engine/store/comparisons.ts';
import { labelAll, labeled, queryPlan, seededLibrary, type SeededLibrary } from '../../support/library.ts';

/** Label pictures with a model: 'tiger' with a score above one half, 'tabby' below. */
function run(library: SeededLibrary, model: string, scores: Record<number, number>, sha256 = model): void {
  const { store, datasetId, imageIds, categoryIds } = library;
  const modelId = store.runs.ensureModel(model, `The ${model}`, sha256.padEnd(64, '0'));
  const runId = store.runs.insert(datasetId, modelId, 3, {});
  const results = Object.entries(scores).map(([place, score]) => labeled(imageIds[Number(place)]!, score));
  store.results.commit(results, [], { runId, modelId, categoryIds });
}

const pairsOf = ({ store, datasetId }: SeededLibrary, models: [string, string]) =>
  comparisonQueries(store.db).pairs(datasetId, models);

test('models are listed with how many pictures they labeled, the most recent first', async () => {
  const library = seededLibrary(3);
  run(library, 'old', { 0: 0.9, 1: 0.9, 2: 0.9 });
  run(library, 'new', { 0: 0.9 });
  run(library, 'new', { 0: 0.9, 1: 0.9 });
  const queries = comparisonQueries(library.store.db);

  expect(await queries.used(library.datasetId)).toEqual([
    { modelId: 'new', title: 'The new', imageCount: 2 },
    { modelId: 'old', title: 'The old', imageCount: 3 },
  ]);
  expect(await queries.used(library.datasetId + 1)).toEqual([]);
});

test('what both said is counted by pair, most frequent first', async () => {
  const library = seededLibrary(4);
  run(library, 'a', { 0: 0.75, 1: 0.75, 2: 0.75, 3: 0.25 });
  run(library, 'b', { 0: 0.75, 1: 0.25, 2: 0.25, 3: 0.25 });

  expect(await pairsOf(library, ['a', 'b'])).toMatchObject([
    { first: 'tiger', second: 'tabby', imageCount: 2, firstScore: 1.5, secondScore: 1.5, decidedCount: 0 },
    { first: 'tabby', second: 'tabby', imageCount: 1 },
    { first: 'tiger', second: 'tiger', imageCount: 1 },
  ]);
});

test('the results of an earlier model are still there when another one has labeled everything', async () => {
  const library = seededLibrary(3);
  labelAll(library);
  const { store, datasetId } = library;
  const other = store.runs.ensureModel('b', 'B', 'b'.repeat(64));
  await store.images.resetOthers(datasetId, { modelId: other, original: '', insists: true, topK: 3 });
  run(library, 'b', { 0: 0.25, 1: 0.25, 2: 0.25 });

  expect(await pairsOf(library, ['cats', 'b'])).toMatchObject([{ first: 'tiger', second: 'tabby', imageCount: 3 }]);
});

test('a run that labeled only new pictures adds to those before it, and replaces what it labeled again', async () => {
  const library = seededLibrary(3);
  run(library, 'a', { 0: 0.75, 1: 0.75 });
  run(library, 'b', { 0: 0.75, 1: 0.75, 2: 0.75 });
  run(library, 'a', { 1: 0.25, 2: 0.75 });

  expect(await pairsOf(library, ['a', 'b'])).toMatchObject([
    { first: 'tiger', second: 'tiger', imageCount: 2 },
    { first: 'tabby', second: 'tiger', imageCount: 1 },
  ]);
});

test('a model whose file was replaced is one model', async () => {
  const library = seededLibrary(2);
  run(library, 'a', { 0: 0.75, 1: 0.75 }, 'before');
  run(library, 'a', { 1: 0.25 }, 'after');
  run(library, 'b', { 0: 0.75, 1: 0.75 });

  expect(await pairsOf(library, ['a', 'b'])).toHaveLength(2);
  expect(await comparisonQueries(library.store.db).used(library.datasetId)).toMatchObject([
    { modelId: 'b' },
    { modelId: 'a', imageCount: 2 },
  ]);
});

test('decisions tell who was right, whatever was predicted', async () => {
  const library = seededLibrary(4);
  run(library, 'a', { 0: 0.75, 1: 0.75, 2: 0.75, 3: 0.75 });
  run(library, 'b', { 0: 0.25, 1: 0.25, 2: 0.25, 3: 0.25 });
  const { store, datasetId, imageIds, categoryIds } = library;
  const decide = (place: number, category: number) =>
    store.decisions.decide(datasetId, [imageIds[place]!], { kind: 'label', categoryId: categoryIds[category]! });
  await decide(0, 0);
  await decide(1, 1);
  await decide(2, 2);

  expect(await pairsOf(library, ['a', 'b'])).toMatchObject([
    { imageCount: 4, decidedCount: 3, firstCorrect: 1, secondCorrect: 1 },
  ]);
});

test('pictures of a removed folder count no more', async () => {
  const library = seededLibrary(2);
  run(library, 'a', { 0: 0.75, 1: 0.75 });
  run(library, 'b', { 0: 0.75, 1: 0.75 });
  library.store.datasets.removeSource(library.sourceId);

  expect(await pairsOf(library, ['a', 'b'])).toEqual([]);
  expect(await comparisonQueries(library.store.db).used(library.datasetId)).toEqual([]);
});

test('both questions go over the predictions of the runs they ask about, once, and over no folder of pictures', async () => {
  const { store, datasetId } = seededLibrary(1);
  const range = { afterId: 0, lastId: 5000 };
  const plans = [
    queryPlan(store.db, compareSql, { ...range, datasetId, firstModel: 'a', secondModel: 'b' }),
    queryPlan(store.db, usedSql, { ...range, datasetId }),
  ];

  for (const plan of plans) {
    expect(plan).toContain('SEARCH predictions USING PRIMARY KEY (run_id=? AND image_id>? AND image_id<?)');
    expect(plan).toContain('SEARCH images USING INTEGER PRIMARY KEY (rowid=?)');
    expect(plan).not.toMatch(/SCAN (?:predictions|images|annotations|second)/);
  }
  expect(plans[0]).toContain('SEARCH annotations USING PRIMARY KEY (image_id=? AND category_id=?)');
});

test('more pictures than are gone through at once add up', async () => {
  const count = 5200;
  const library = seededLibrary(count);
  const scores = (score: number) => Object.fromEntries(library.imageIds.map((_, place) => [place, score]));
  run(library, 'a', scores(0.75));
  run(library, 'b', scores(0.25));

  expect(await pairsOf(library, ['a', 'b'])).toMatchObject([
    { first: 'tiger', second: 'tabby', imageCount: count, firstScore: count * 0.75 },
  ]);
  expect(await comparisonQueries(library.store.db).used(library.datasetId)).toMatchObject([
    { modelId: 'b', imageCount: count },
    { modelId: 'a', imageCount: count },
  ]);
});
