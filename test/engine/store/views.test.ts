import { expect, test } from 'vitest';
import type { ImageFilter, ImageSort } from '../../../electron/core/image-filter.ts';
import { viewSql } from '../../../electron/engine/store/views.ts';
import { labelAll, queryPlan, seededLibrary, type SeededLibrary } from '../../support/library.ts';

const byName: ImageSort = { key: 'name', descending: false };

function names({ store, datasetId }: SeededLibrary, filter: ImageFilter, sort = byName): string[] {
  const { viewId, total } = store.views.open(datasetId, filter, sort);
  const rows = store.views.rows(viewId, 0, 500);
  expect(rows).toHaveLength(total);
  return rows.map(({ name }) => name);
}

test('the least certain pictures come first, those without a score last', () => {
  const library = seededLibrary(4);
  const { store, imageIds, runId, modelId, categoryIds } = library;
  const all = [...imageIds];
  library.imageIds = all.slice(0, 3);
  labelAll(library, (place) => [0.9, 0.55, 0.7][place]!);
  expect(store.runs.modelTitle(runId)).toBe('Cats');
  expect(modelId).toBeGreaterThan(0);
  expect(categoryIds).toHaveLength(3);

  expect(names(library, {}, { key: 'uncertainty', descending: false })).toEqual([
    '001.jpg',
    '002.jpg',
    '000.jpg',
    '003.jpg',
  ]);
  expect(names(library, {}, { key: 'score', descending: true })).toEqual(['000.jpg', '002.jpg', '001.jpg', '003.jpg']);
  expect(names(library, {}, { key: 'date', descending: false })).toEqual(['003.jpg', '002.jpg', '001.jpg', '000.jpg']);
});

test('filters by review state, category, score and text can be combined', () => {
  const library = seededLibrary(6);
  const { store, datasetId, imageIds, categoryIds } = library;
  labelAll(library, (place) => place / 10 + 0.45);
  store.decisions.decide(datasetId, [imageIds[4]!], { kind: 'label', categoryId: categoryIds[2]! });

  expect(names(library, { review: ['corrected', 'accepted'] })).toEqual(['004.jpg']);
  expect(names(library, { categoryId: categoryIds[2]! })).toEqual(['004.jpg']);
  expect(names(library, { text: 'LYNX' })).toEqual(['004.jpg']);
  expect(names(library, { text: '00', minScore: 0.6, maxScore: 0.8, review: ['unreviewed'] })).toEqual([
    '002.jpg',
    '003.jpg',
  ]);
  expect(names(library, { text: '%' })).toEqual([]);
});

test('a view keeps its order while decisions change what it would hold', () => {
  const library = seededLibrary(3);
  const { store, datasetId, imageIds } = library;
  labelAll(library);
  const { viewId } = store.views.open(datasetId, { review: ['unreviewed'] }, byName);
  store.decisions.decide(datasetId, [imageIds[1]!], { kind: 'accept' });

  const rows = store.views.rows(viewId, 0, 10);
  expect(rows.map(({ review }) => review)).toEqual(['unreviewed', 'accepted', 'unreviewed']);
  expect(store.views.locate(viewId, imageIds[2]!)).toBe(2);
});

test('the next unreviewed picture is searched from here on and then from the start', () => {
  const library = seededLibrary(2500);
  const { store, datasetId, imageIds } = library;
  labelAll(library);
  const { viewId } = store.views.open(datasetId, {}, byName);
  const order = store.views.rows(viewId, 0, 2500).map(({ id }) => id);
  const left = [order[3]!, order[2100]!];
  store.decisions.decide(
    datasetId,
    imageIds.filter((id) => !left.includes(id)),
    { kind: 'accept' },
  );

  expect(store.views.nextUnreviewed(viewId, 4)).toEqual({ index: 2100, imageId: left[1] });
  expect(store.views.nextUnreviewed(viewId, 2101)).toEqual({ index: 3, imageId: left[0] });
  store.decisions.decide(datasetId, left, { kind: 'skip' });
  expect(store.views.nextUnreviewed(viewId, 0).index).toBe(-1);
});

test('pictures of a removed folder are in no view and in no count', () => {
  const library = seededLibrary(3);
  library.store.datasets.removeSource(library.sourceId);

  expect(names(library, {})).toEqual([]);
  expect(library.store.datasets.counts(library.datasetId).imageCount).toBe(0);
});

test('a closed view says so', () => {
  const { store } = seededLibrary(1);
  expect(() => store.views.rows(99, 0, 1)).toThrow(expect.objectContaining({ code: 'not-found' }));
});

test.each([
  ['name', 'images_by_path'],
  ['date', 'images_by_date'],
] as const)('a view by %s is read in order from an index', (key, index) => {
  const { store, datasetId } = seededLibrary(1);
  const { sql, values } = viewSql(datasetId, {}, { key, descending: true });
  const plan = queryPlan(store.db, sql, ...values);

  expect(plan).toContain(`USING INDEX ${index}`);
  expect(plan).not.toContain('TEMP B-TREE');
});
