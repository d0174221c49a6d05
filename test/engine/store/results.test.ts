import { expect, test } from 'vitest';
import { pendingSql } from '../../../electron/engine/store/results.ts';
import { labeled, queryPlan, seededLibrary } from '../../support/library.ts';

function queued(library: ReturnType<typeof seededLibrary>, ids: readonly number[]) {
  return ids.map((id) => ({ id, folder: '/photos', path: `${id}.jpg`, runId: library.runId }));
}

test('a batch is stored whole or not at all', async () => {
  const library = seededLibrary(2);
  const { store, datasetId, imageIds } = library;
  const unknown = labeled(9999);

  expect(() => store.results.commit([labeled(imageIds[0]!), unknown], [], library)).toThrow(/FOREIGN KEY/);
  expect(store.datasets.counts(datasetId).byStatus).toMatchObject({ pending: 2, done: 0 });
});

test('pictures in flight are not handed out twice', async () => {
  const library = seededLibrary(3);
  const { store, datasetId, imageIds } = library;
  store.results.commit([], queued(library, imageIds.slice(0, 2)), library);

  expect(store.results.pending(datasetId, 0, 10).map(({ id }) => id)).toEqual([imageIds[2]]);
});

test('after a plain restart nobody in flight is blamed', async () => {
  const library = seededLibrary(2);
  const { store, datasetId, imageIds } = library;
  store.results.commit([], queued(library, imageIds), library);

  expect(store.results.settle(null)).toBe(0);
  expect(store.results.nextSuspect(datasetId)).toBeUndefined();
  expect(store.results.pending(datasetId, 0, 10)).toHaveLength(2);
});

test('after a crash the pictures in flight come back one at a time, and the second crash puts one aside', async () => {
  const library = seededLibrary(3);
  const { store, datasetId, imageIds } = library;
  const [guilty, innocent] = imageIds as [number, number, number];
  store.results.commit([], queued(library, [innocent, guilty]), library);
  expect(store.results.settle('crash')).toBe(0);

  const first = store.results.nextSuspect(datasetId)!;
  expect(first.id).toBe(guilty);
  store.results.commit([], [first], library);
  expect(store.results.settle('crash')).toBe(1);

  expect(store.views.detail(guilty)).toMatchObject({ status: 'failed', errorCode: 'image.crashed' });
  expect(store.results.nextSuspect(datasetId)?.id).toBe(innocent);
  store.results.commit([labeled(innocent)], [], library);
  expect(store.results.nextSuspect(datasetId)).toBeUndefined();
  expect(store.views.detail(innocent).status).toBe('done');
});

test('kills from outside take five to put a picture aside', async () => {
  const library = seededLibrary(1);
  const { store, datasetId, imageIds } = library;
  for (let kill = 1; kill <= 5; kill++) {
    store.results.commit([], queued(library, imageIds), library);
    expect(store.results.settle('killed')).toBe(kill === 5 ? 1 : 0);
  }
  expect(store.datasets.counts(datasetId).byStatus.failed).toBe(1);
});

test('counts follow every change', async () => {
  const library = seededLibrary(3);
  const { store, datasetId, imageIds, sourceId } = library;
  store.results.commit([labeled(imageIds[0]!), labeled(imageIds[1]!)], [], library);
  await store.decisions.decide(datasetId, [imageIds[0]!], { kind: 'accept' });
  await store.images.markMissing(sourceId, new Set(), store.images.lastId());

  const kept = store.db.prepare(`SELECT status, review, category_id, n FROM image_counts WHERE n > 0 ORDER BY 1, 2, 3`);
  const counted = store.db.prepare(
    `SELECT status, review, COALESCE(category_id, 0) AS category_id, count(*) AS n FROM images GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
  );
  expect(kept.all()).toEqual(counted.all());
});

test('the queue is read from its own index', async () => {
  const { store, datasetId } = seededLibrary(1);
  const plan = queryPlan(store.db, pendingSql, datasetId, 0, 8);

  expect(plan).toContain('images_pending');
  expect(plan).not.toContain('TEMP B-TREE');
});
