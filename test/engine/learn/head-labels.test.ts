import { expect, test } from 'vitest';
import { headLabels } from '../../../electron/engine/learn/head-labels.ts';
import { seededLibrary } from '../../support/library.ts';

test('the labels of a head are those of today: renamed, nested, merged', () => {
  const { store, datasetId, categoryIds } = seededLibrary(1);
  const [tiger, tabby, lynx] = categoryIds as [number, number, number];
  const change = (sql: string, ...values: unknown[]) => store.db.prepare(sql).run(...values);
  const cat = Number(change(`INSERT INTO categories (dataset_id, name) VALUES (?, 'cat')`, datasetId).lastInsertRowid);
  const pet = Number(
    change(`INSERT INTO categories (dataset_id, name, parent_id) VALUES (?, 'pet', ?)`, datasetId, cat).lastInsertRowid,
  );
  change(`UPDATE categories SET name = 'Tiger', wordnet_id = 'n02129604', supercategory = '' WHERE id = ?`, tiger);
  change(`UPDATE categories SET parent_id = ? WHERE id = ?`, pet, tiger);

  expect(headLabels(store.db, datasetId, [lynx, tiger])).toEqual([
    { name: 'lynx', supercategory: 'animal', wordnetId: null, path: [] },
    { name: 'Tiger', supercategory: 'pet', wordnetId: 'n02129604', path: ['cat', 'pet'] },
  ]);

  change(`UPDATE categories SET merged_into = ? WHERE id = ?`, tiger, tabby);
  expect(headLabels(store.db, datasetId, [tabby, lynx]).map(({ name }) => name)).toEqual(['Tiger', 'lynx']);
  // Two of the head's categories are one by now: softmax over both would say each half.
  expect(() => headLabels(store.db, datasetId, [tabby, tiger])).toThrow(
    expect.objectContaining({ code: 'busy' }) as Error,
  );
  expect(() => headLabels(store.db, datasetId + 1, [tiger])).toThrow(
    expect.objectContaining({ code: 'not-found' }) as Error,
  );
});

test('parents that form a circle end somewhere', () => {
  const { store, datasetId, categoryIds } = seededLibrary(1);
  const [tiger, tabby] = categoryIds as [number, number];
  const nest = store.db.prepare(`UPDATE categories SET parent_id = ? WHERE id = ?`);
  nest.run(tabby, tiger);
  nest.run(tiger, tabby);

  expect(headLabels(store.db, datasetId, [tiger])[0]!.path.length).toBeLessThanOrEqual(32);
});
