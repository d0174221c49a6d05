import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ImageFilter, ImageSort } from '../../../electron/core/image-filter.ts';
import { planView, readFacts } from '../../../electron/engine/store/view-plan.ts';
import type { Query } from '../../../electron/engine/store/view-queries.ts';
import { labelAll, queryPlan, seededLibrary, temporaryFolder, type SeededLibrary } from '../../support/library.ts';

const byName: ImageSort = { key: 'name', descending: false };

async function names({ store, datasetId }: SeededLibrary, filter: ImageFilter, sort = byName): Promise<string[]> {
  const { viewId, total } = await store.views.open(datasetId, filter, sort);
  const rows = await store.views.rows(viewId, 0, 500);
  expect(rows).toHaveLength(total);
  return rows.map(({ name }) => name);
}

test('the least certain pictures come first, those without a score last', async () => {
  const library = seededLibrary(4);
  const { store, imageIds, runId, modelId, categoryIds } = library;
  const all = [...imageIds];
  library.imageIds = all.slice(0, 3);
  labelAll(library, (place) => [0.9, 0.55, 0.7][place]!);
  expect(store.runs.modelTitle(runId)).toBe('Cats');
  expect(modelId).toBeGreaterThan(0);
  expect(categoryIds).toHaveLength(3);

  expect(await names(library, {}, { key: 'uncertainty', descending: false })).toEqual([
    '001.jpg',
    '002.jpg',
    '000.jpg',
    '003.jpg',
  ]);
  expect(await names(library, {}, { key: 'score', descending: true })).toEqual([
    '000.jpg',
    '002.jpg',
    '001.jpg',
    '003.jpg',
  ]);
  expect(await names(library, {}, { key: 'date', descending: false })).toEqual([
    '003.jpg',
    '002.jpg',
    '001.jpg',
    '000.jpg',
  ]);
});

test('filters by review state, category, score and text can be combined', async () => {
  const library = seededLibrary(6);
  const { store, datasetId, imageIds, categoryIds } = library;
  labelAll(library, (place) => place / 10 + 0.45);
  await store.decisions.decide(datasetId, [imageIds[4]!], { kind: 'label', categoryId: categoryIds[2]! });

  expect(await names(library, { review: ['corrected', 'accepted'] })).toEqual(['004.jpg']);
  expect(await names(library, { categoryId: categoryIds[2]! })).toEqual(['004.jpg']);
  expect(await names(library, { text: 'LYNX' })).toEqual(['004.jpg']);
  expect(await names(library, { text: '00', minScore: 0.6, maxScore: 0.8, review: ['unreviewed'] })).toEqual([
    '002.jpg',
    '003.jpg',
  ]);
  expect(await names(library, { text: '%' })).toEqual([]);
});

test('a text is found wherever it stands in a path, in any case, and nothing else is', async () => {
  const library = seededLibrary(0);
  const { store, datasetId, sourceId } = library;
  const other = store.datasets.open(['/other']).datasetId;
  const paths = [
    'Trip "1"/Sea.jpg',
    'trip/1 sea.jpg',
    'a%b_c/x.png',
    '旅行/写真🌷.jpg',
    'Ärger.jpg',
    'aaab.jpg',
    'abaa.jpg',
  ];
  const see = (dataset: number, source: number) =>
    store.images.see(
      dataset,
      1,
      paths.map((path) => ({
        file: { sourceId: source, path, name: path, sizeBytes: 1, modifiedMs: 1 },
        changed: false,
      })),
    );
  see(datasetId, sourceId);
  see(other, store.datasets.sources(other)[0]!.id);
  const found = (text: string) => names(library, { text });

  expect(await found('SEA')).toEqual(['Trip "1"/Sea.jpg', 'trip/1 sea.jpg']);
  expect(await found('trip "1"/s')).toEqual(['Trip "1"/Sea.jpg']);
  expect(await found('1 sea.jp')).toEqual(['trip/1 sea.jpg']);
  expect(await found('%b_')).toEqual(['a%b_c/x.png']);
  expect(await found('写真🌷')).toEqual(['旅行/写真🌷.jpg']);
  expect(await found('🌷')).toEqual(['旅行/写真🌷.jpg']);
  expect(await found('rger.')).toEqual(['Ärger.jpg']);
  expect(await found('aaab')).toEqual(['aaab.jpg']);
  expect(await found('aab')).toEqual(['aaab.jpg']);
  expect(await found('ba')).toEqual(['abaa.jpg']);
  expect(await found('sea\0')).toEqual([]);
  expect(await found('\ud83c')).toEqual([]);
  expect(await found('trip AND sea')).toEqual([]);
});

test('a view keeps its order while decisions change what it would hold', async () => {
  const library = seededLibrary(3);
  const { store, datasetId, imageIds } = library;
  labelAll(library);
  const { viewId } = await store.views.open(datasetId, { review: ['unreviewed'] }, byName);
  await store.decisions.decide(datasetId, [imageIds[1]!], { kind: 'accept' });

  const rows = await store.views.rows(viewId, 0, 10);
  expect(rows.map(({ review }) => review)).toEqual(['unreviewed', 'accepted', 'unreviewed']);
  expect(await store.views.locate(viewId, imageIds[2]!)).toBe(2);
});

test('a view of a library on disk is what it was when opened, though most of it is read later', async () => {
  const { store, datasetId, imageIds } = seededLibrary(5000, join(temporaryFolder(), 'a.labelwright'));
  const unreviewed: ImageFilter = { review: ['unreviewed'] };
  const { viewId, total } = await store.views.open(datasetId, unreviewed, byName);
  await store.decisions.decide(datasetId, imageIds, { kind: 'skip' });

  expect(total).toBe(5000);
  expect([...(await store.views.ids(viewId))]).toEqual(imageIds);
  expect(await store.views.rows(viewId, 4990, 500)).toHaveLength(10);
  expect(await store.views.locate(viewId, imageIds[4999]!)).toBe(4999);
  expect((await store.views.open(datasetId, unreviewed, byName)).total).toBe(0);
});

test('a view that many others pushed out ends for whoever waits for it', async () => {
  const { store, datasetId } = seededLibrary(5000, join(temporaryFolder(), 'a.labelwright'));
  const { viewId } = await store.views.open(datasetId, {}, byName);
  const waiting = expect(store.views.ids(viewId)).rejects.toMatchObject({ code: 'not-found' });
  const others = Array.from({ length: 16 }, () => store.views.open(datasetId, {}, byName));

  await waiting;
  expect((await Promise.all(others)).map(({ total }) => total)).toEqual(others.map(() => 5000));
});

test('the next unreviewed picture is searched from here on and then from the start', async () => {
  const library = seededLibrary(2500);
  const { store, datasetId, imageIds } = library;
  labelAll(library);
  const { viewId } = await store.views.open(datasetId, {}, byName);
  const order = (await store.views.rows(viewId, 0, 2500)).map(({ id }) => id);
  const left = [order[3]!, order[2100]!];
  await store.decisions.decide(
    datasetId,
    imageIds.filter((id) => !left.includes(id)),
    { kind: 'accept' },
  );

  expect(await store.views.nextUnreviewed(viewId, 4)).toEqual({ index: 2100, imageId: left[1] });
  expect(await store.views.nextUnreviewed(viewId, 2101)).toEqual({ index: 3, imageId: left[0] });
  await store.decisions.decide(datasetId, left, { kind: 'skip' });
  expect((await store.views.nextUnreviewed(viewId, 0)).index).toBe(-1);
});

test('pictures of a removed folder are in no view and in no count', async () => {
  const library = seededLibrary(3);
  library.store.datasets.removeSource(library.sourceId);

  expect(await names(library, {})).toEqual([]);
  expect(library.store.datasets.counts(library.datasetId).imageCount).toBe(0);
});

test('a closed view says so', async () => {
  const { store } = seededLibrary(1);
  await expect(store.views.rows(99, 0, 1)).rejects.toThrow(expect.objectContaining({ code: 'not-found' }));
});

function plan({ store, datasetId }: SeededLibrary, filter: ImageFilter, sort: ImageSort) {
  const { within, without, walks } = planView(datasetId, filter, sort, readFacts(store.db, datasetId, filter));
  const steps = (queries: Query[]) => queries.map(({ sql, values }) => queryPlan(store.db, sql, ...values)).join('\n');
  return { within: steps(within.flat()), without: steps(without), walks: steps(walks) };
}

test.each([
  ['name', true, 'images_by_path'],
  ['date', true, 'images_by_date'],
  ['score', true, 'images_by_score'],
  ['score', false, 'images_by_score'],
  ['uncertainty', false, 'images_by_margin'],
] as const)('a view by %s (descending: %s) is read in order from an index alone', (key, descending, index) => {
  const { within, without, walks } = plan(seededLibrary(1), {}, { key, descending });

  expect(walks).toContain(`USING COVERING INDEX ${index}`);
  expect(walks).not.toContain('TEMP B-TREE');
  expect(within + without).toBe('');
});

test('every condition is answered by an index alone, through those who meet it or those who do not', async () => {
  const library = seededLibrary(10);
  const { store, datasetId, imageIds, categoryIds, sourceId } = library;
  labelAll(library);
  await store.decisions.decide(datasetId, imageIds.slice(0, 2), { kind: 'skip' });
  store.datasets.addSource(datasetId, '/more');
  const other = { sourceId: sourceId + 1, path: 'z.jpg', name: 'z.jpg', sizeBytes: 1, modifiedMs: 1 };
  store.images.see(datasetId, 2, [{ file: other, changed: false }]);

  expect(plan(library, { review: ['skipped'] }, byName).within).toContain('COVERING INDEX images_by_review');
  expect(plan(library, { review: ['unreviewed'] }, byName).without).toContain('COVERING INDEX images_by_review');
  expect(plan(library, { status: ['done'] }, byName).without).toContain('COVERING INDEX images_pending');
  expect(plan(library, { status: ['pending', 'failed'] }, byName).within).toContain('COVERING INDEX images_pending');
  expect(plan(library, { categoryId: categoryIds[0]! }, byName).within).toContain('COVERING INDEX images_by_category');
  expect(plan(library, { minScore: 0.5 }, byName).within).toContain('COVERING INDEX images_by_score');
  expect(plan(library, { sourceId: sourceId + 1 }, byName).within).toContain('COVERING INDEX sqlite_autoindex_images');
  expect(plan(library, { sourceId }, byName).without).toContain('COVERING INDEX sqlite_autoindex_images');
  expect(plan(library, { text: 'ti' }, byName).within).toContain('COVERING INDEX images_by_path');
  expect(plan(library, { text: 'tiger' }, byName).within).toMatch(
    /SCAN image_paths VIRTUAL TABLE INDEX .*SEARCH images USING INTEGER PRIMARY KEY/s,
  );
  expect(plan(library, { text: 'tiger' }, byName).within).toContain(
    'COVERING INDEX images_by_category (dataset_id=? AND category_id=?)',
  );
});
