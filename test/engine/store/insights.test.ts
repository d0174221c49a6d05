import { expect, test } from 'vitest';
import { annotationsSql, imagesSql, insights, logSql } from '../../../electron/engine/store/insights.ts';
import { labelAll, queryPlan, seededLibrary } from '../../support/library.ts';

test('what was decided is counted against what was predicted, once a picture', async () => {
  const library = seededLibrary(30);
  labelAll(library);
  const { store, datasetId, imageIds, categoryIds } = library;
  const [tiger, tabby] = categoryIds as [number, number];
  await store.decisions.decide(datasetId, imageIds.slice(0, 10), { kind: 'skip' });
  // The last word counts; what was undone never happened.
  await store.decisions.decide(datasetId, imageIds.slice(0, 12), { kind: 'accept' });
  await store.decisions.decide(datasetId, imageIds.slice(12, 20), { kind: 'label', categoryId: tabby });
  await store.decisions.decide(datasetId, imageIds.slice(20, 22), { kind: 'skip' });
  await store.decisions.decide(datasetId, imageIds.slice(22), { kind: 'accept' });
  await store.decisions.undo(datasetId);
  store.db.prepare(`UPDATE decisions SET decided_ms = ?`).run(Date.UTC(2026, 0, 31, 23, 30));

  const found = await insights(store.db, datasetId, 60);
  expect(found.progress).toEqual([{ day: '2026-02-01', accepted: 12, corrected: 8, unsure: 0, skipped: 2 }]);
  expect(found.categories).toEqual([
    { categoryId: tiger, name: 'tiger', decided: 12, predicted: 30 },
    { categoryId: tabby, name: 'tabby', decided: 8, predicted: 0 },
  ]);
  expect(found.scores.filter(({ decided, undecided }) => decided + undecided > 0)).toEqual([
    { low: 0.9, high: 0.95, decided: 20, undecided: 10 },
  ]);
  expect(found.reliability.filter(({ count }) => count > 0)).toMatchObject([{ low: 0.9, count: 20, accuracy: 0.6 }]);
  expect(found.confusion).toEqual({
    categories: [
      { id: tiger, name: 'tiger' },
      { id: tabby, name: 'tabby' },
    ],
    counts: [
      [12, 0],
      [8, 0],
    ],
    imageCount: 20,
  });
  expect(found.agreement.map(({ decided, agreed }) => [decided, agreed])).toEqual([
    [10, 10],
    [10, 2],
  ]);
  expect(found.folders).toMatchObject([{ folder: '/photos/a', imageCount: 30, failed: 0 }]);
});

test('a merged category counts as what it became', async () => {
  const library = seededLibrary(4);
  labelAll(library);
  const { store, datasetId, imageIds, categoryIds } = library;
  const [tiger, tabby] = categoryIds as [number, number];
  await store.decisions.decide(datasetId, imageIds, { kind: 'label', categoryId: tabby });
  store.db.prepare(`UPDATE categories SET merged_into = ? WHERE id = ?`).run(tiger, tabby);

  const { categories, confusion } = await insights(store.db, datasetId, 0);
  expect(categories).toEqual([{ categoryId: tiger, name: 'tiger', decided: 4, predicted: 4 }]);
  expect(confusion.counts).toEqual([[4]]);
});

test('nothing decided, nothing labeled: empty plots, no numbers that are none', async () => {
  const { store, datasetId } = seededLibrary(2);
  const found = await insights(store.db, datasetId, 0);

  expect(found).toMatchObject({
    progress: [],
    categories: [],
    agreement: [],
    confusion: { imageCount: 0, counts: [] },
  });
  expect(found.reliability.every(({ meanScore, accuracy }) => meanScore === 0 && accuracy === 0)).toBe(true);
});

test('every read is a range of an index or of a table in its own order', () => {
  const { db } = seededLibrary(1).store;

  expect(queryPlan(db, imagesSql, 0, 5000, 1)).toBe('SEARCH images USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)');
  expect(queryPlan(db, annotationsSql, 0, 5000)).toBe(
    'SEARCH annotations USING PRIMARY KEY (image_id>? AND image_id<?)',
  );
  expect(queryPlan(db, logSql, 1)).toMatch(
    /^SEARCH decisions USING .*INDEX decisions_by_state \(dataset_id=\? AND state=\?\)\nSEARCH decision_images USING PRIMARY KEY \(sequence=\?\)$/,
  );
});

test('a decision is compared with what was predicted before it, whatever was learned from it since', async () => {
  const library = seededLibrary(4);
  labelAll(library);
  const { store, datasetId, imageIds, categoryIds } = library;
  const [tiger, tabby, lynx] = categoryIds as [number, number, number];
  await store.decisions.decide(datasetId, imageIds.slice(0, 2), { kind: 'label', categoryId: lynx });
  // A head has learned from it, and the person has second thoughts about one.
  const learned = store.db.prepare(`UPDATE images SET top_category_id = ?, top_score = 0.99 WHERE id IN (?, ?)`);
  learned.run(lynx, imageIds[0], imageIds[1]);
  await store.decisions.decide(datasetId, [imageIds[1]!], { kind: 'label', categoryId: tabby });

  const { confusion, reliability } = await insights(store.db, datasetId, 0);

  const ofTiger = confusion.categories.findIndex(({ id }) => id === tiger);
  expect(confusion.imageCount).toBe(2);
  expect(confusion.counts.map((row) => row[ofTiger])).toEqual(
    confusion.categories.map(({ id }) => (id === tiger ? 0 : 1)),
  );
  expect(reliability.filter(({ count }) => count > 0)).toMatchObject([{ low: 0.9, count: 2, accuracy: 0 }]);
  const found = await store.views.open(
    datasetId,
    { predictedCategoryId: tiger, categoryId: lynx },
    { key: 'name', descending: false },
  );
  expect(found.total).toBe(1);
  // Undone, nothing was ever shown for it; decided again, it is what is shown now.
  await store.decisions.undo(datasetId);
  await store.decisions.undo(datasetId);
  expect((await insights(store.db, datasetId, 0)).confusion.imageCount).toBe(0);
  await store.decisions.decide(datasetId, imageIds.slice(0, 1), { kind: 'accept' });
  expect((await insights(store.db, datasetId, 0)).reliability.at(-1)).toMatchObject({ count: 1, accuracy: 1 });
});
