import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findProblems } from '../../../electron/engine/store/check.ts';
import type { Store } from '../../../electron/engine/store/store.ts';
import { openTestStore, seededLibrary, temporaryFolder } from '../../support/library.ts';

/** More than one piece takes, on any machine of today. */
const many = 8000;

function reviews({ db }: Store): unknown {
  return db.prepare(`SELECT review, count(*) AS n FROM images GROUP BY review ORDER BY review`).all();
}

const nothing = { unreviewed: 0, accepted: 0, corrected: 0, unsure: 0, skipped: 0 };

test('a decision about very many pictures leaves room for other work, and one undo takes it back', async () => {
  const { store, datasetId, imageIds } = seededLibrary(many);
  let turns = 0;
  let seen = 0;
  const pulse = setInterval(() => {
    turns++;
    const { skipped } = store.datasets.counts(datasetId).byReview;
    if (skipped > 0 && skipped < many) seen++;
  }, 1);
  const result = await store.decisions.decide(datasetId, imageIds, { kind: 'skip' });
  clearInterval(pulse);

  expect(result).toMatchObject({ kind: 'skip', changed: many });
  expect(result.imageIds).toEqual(imageIds.slice(0, 50));
  expect(turns).toBeGreaterThan(1);
  expect(seen).toBeGreaterThan(0);
  expect(store.datasets.counts(datasetId).byReview).toEqual({ ...nothing, skipped: many });
  expect(await store.decisions.undo(datasetId)).toMatchObject({ changed: many });
  expect(store.datasets.counts(datasetId).byReview).toEqual({ ...nothing, unreviewed: many });
  expect(store.decisions.canUndo(datasetId)).toBe(false);
  expect(await store.decisions.redo(datasetId)).toMatchObject({ changed: many });
  expect(reviews(store)).toEqual([{ review: 'skipped', n: many }]);
  expect(store.db.prepare(`SELECT count(*) FROM unfinished_steps`).pluck().get()).toBe(0);
});

test('steps asked for meanwhile wait until the long one is complete', async () => {
  const { store, datasetId, imageIds } = seededLibrary(many);
  const all = store.decisions.decide(datasetId, imageIds, { kind: 'skip' });
  const last = imageIds.at(-1)!;
  await store.decisions.decide(datasetId, [last], { kind: 'label-name', name: 'mine' });

  expect((await all).changed).toBe(many);
  expect(store.views.detail(last)).toMatchObject({ review: 'corrected', label: 'mine' });
  await store.decisions.undo(datasetId);
  expect(store.views.detail(last).review).toBe('skipped');
});

test('whoever needs all or nothing of a step can wait for its end', async () => {
  const { store, datasetId, imageIds } = seededLibrary(many);
  void store.decisions.decide(datasetId, imageIds, { kind: 'skip' });
  await store.decisions.settled();

  expect(store.datasets.counts(datasetId).byReview.skipped).toBe(many);
});

/** The library as a crash in the middle of a step would leave it, opened again. */
async function crashed(store: Store, step: Promise<unknown>, isHalf: () => boolean): Promise<Store> {
  const path = join(temporaryFolder(), 'crashed.labelwright');
  while (!isHalf()) await new Promise((resolve) => setImmediate(resolve));
  // All of it is in memory, so a copy of the bytes is what a disk would hold after a crash.
  writeFileSync(path, store.db.serialize());
  await step;
  return openTestStore(path);
}

test.each(['decide', 'undo', 'redo'] as const)(
  'what a crash cuts off in the middle (%s) follows later',
  async (what) => {
    const { store, datasetId, imageIds } = seededLibrary(many);
    const skipped = () => store.datasets.counts(datasetId).byReview.skipped;
    const isHalf = () => skipped() > 0 && skipped() < many;
    const decide = () => store.decisions.decide(datasetId, imageIds, { kind: 'skip' });
    if (what !== 'decide') await decide();
    if (what === 'redo') await store.decisions.undo(datasetId);
    const step = what === 'decide' ? decide() : store.decisions[what](datasetId);
    const again = await crashed(store, step, isHalf);

    expect(again.datasets.counts(datasetId).byReview.skipped).toBeLessThan(many);
    await again.decisions.settled();
    expect(again.datasets.counts(datasetId).byReview.skipped).toBe(what === 'undo' ? 0 : many);
    expect(again.decisions.canUndo(datasetId)).toBe(what !== 'undo');
    expect(again.decisions.canRedo(datasetId)).toBe(what === 'undo');
    expect(findProblems(again.db)).toEqual([]);
    const back = what === 'undo' ? await again.decisions.redo(datasetId) : await again.decisions.undo(datasetId);
    expect(back.changed).toBe(many);
  },
);

test('a library closed in the middle of a step completes it when it is opened again', async () => {
  const path = join(temporaryFolder(), 'a.labelwright');
  const store = openTestStore(path);
  const { datasetId } = store.datasets.open(['/photos']);
  const sourceId = store.datasets.sources(datasetId)[0]!.id;
  const files = Array.from({ length: many }, (_, index) => {
    const file = { sourceId, path: `${index}.jpg`, name: `${index}.jpg`, sizeBytes: 1, modifiedMs: 1 };
    return { file, changed: false };
  });
  store.images.see(datasetId, 1, files);
  const ids = files.map((_, index) => index + 1);
  const step = store.decisions.decide(datasetId, ids, { kind: 'label-name', name: 'cat' });
  const refused = expect(step).rejects.toMatchObject({ code: 'aborted' });
  while (store.datasets.counts(datasetId).byReview.corrected === 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  store[Symbol.dispose]();
  await refused;

  const again = openTestStore(path);
  expect(again.datasets.counts(datasetId).byReview.corrected).toBeLessThan(many);
  await again.decisions.settled();
  expect(again.categories.list(datasetId)).toMatchObject([{ name: 'cat', imageCount: many }]);
  expect(await again.decisions.undo(datasetId)).toMatchObject({ changed: many, category: 'cat' });
});
