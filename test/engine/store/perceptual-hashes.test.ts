import { expect, test } from 'vitest';
import { hashesSql, perceptualHashesTable } from '../../../electron/engine/store/perceptual-hashes.ts';
import { labeled, queryPlan, seededLibrary } from '../../support/library.ts';

const all = { afterId: 0, lastId: 1000 };

test('what a run decoded is kept for each picture, replaced by the next run, and counts only for the same content', () => {
  const library = seededLibrary(3);
  const { store, datasetId, imageIds } = library;
  const [first, second, third] = imageIds as [number, number, number];
  const table = perceptualHashesTable(store.db);
  const hash = (fill: number) => new Uint8Array(8).fill(fill);
  const results = [
    { ...labeled(first), perceptualHash: hash(1) },
    { ...labeled(second), perceptualHash: hash(2) },
    labeled(third),
  ];
  store.results.commit(results, [], library);
  store.results.commit([{ ...labeled(first), perceptualHash: hash(3) }], [], library);

  expect(table.ofRange(datasetId, all)).toEqual([
    [first, Buffer.from(hash(3))],
    [second, Buffer.from(hash(2))],
  ]);
  expect(table.ofRange(datasetId + 1, all)).toEqual([]);
  // Seen by the list of pictures before the next run: the file shows something else by now.
  store.images.setHash(second, 'another');
  expect(table.ofRange(datasetId, all)).toEqual([[first, Buffer.from(hash(3))]]);
});

test('a picture that leaves the library takes its bits along', () => {
  const library = seededLibrary(1);
  const { store, datasetId, imageIds } = library;
  store.db.prepare(`UPDATE images SET content_hash = 'h' WHERE id = ?`).run(imageIds[0]);
  const table = perceptualHashesTable(store.db);
  table.put(imageIds[0]!, 'h', new Uint8Array(8));
  expect(table.ofRange(datasetId, all)).toHaveLength(1);
  store.db.prepare(`DELETE FROM images`).run();
  expect(store.db.prepare(`SELECT COUNT(*) FROM perceptual_hashes`).pluck().get()).toBe(0);
});

test('bits are read as a range, and each picture by its id', () => {
  const { db } = seededLibrary(1).store;
  const plan = queryPlan(db, hashesSql, { ...all, datasetId: 1 });
  expect(plan).toBe(
    'SEARCH perceptual_hashes USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)\nSEARCH images USING INTEGER PRIMARY KEY (rowid=?)',
  );
});
