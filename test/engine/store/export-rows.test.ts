import { expect, test } from 'vitest';
import { defaultExportOptions, type ExportOptions } from '../../../electron/core/export-options.ts';
import { countExportRows, exportRows, exportSql, pageEnd } from '../../../electron/engine/store/export-rows.ts';
import { labelAll, queryPlan, seededLibrary, type SeededLibrary } from '../../support/library.ts';

async function reviewedLibrary(): Promise<SeededLibrary> {
  const library = seededLibrary(3);
  const { store, datasetId, imageIds, categoryIds } = library;
  labelAll(library, () => 0.8);
  await store.decisions.decide(datasetId, [imageIds[0]!], { kind: 'label', categoryId: categoryIds[2]! });
  await store.decisions.decide(datasetId, [imageIds[1]!], { kind: 'skip' });
  return library;
}

function lines({ store, datasetId }: SeededLibrary, options: Partial<ExportOptions>) {
  const all = { ...defaultExportOptions, ...options };
  const rows = [...exportRows(store.db, datasetId, all)];
  expect(countExportRows(store.db, datasetId, all)).toBe(rows.length);
  return rows.map(({ fileName, label, rank, origin }) => [fileName, label, rank, origin]);
}

test('decisions come before predictions, which fill the rest', async () => {
  expect(lines(await reviewedLibrary(), { include: 'both' })).toEqual([
    ['a/000.jpg', 'lynx', 1, 'decision'],
    ['a/001.jpg', 'tiger', 1, 'prediction'],
    ['a/002.jpg', 'tiger', 1, 'prediction'],
  ]);
});

test('predictions alone ignore what was decided', async () => {
  const rows = lines(await reviewedLibrary(), { include: 'predictions', topK: 2 });
  expect(rows).toHaveLength(6);
  expect(rows.slice(0, 2)).toEqual([
    ['a/000.jpg', 'tiger', 1, 'prediction'],
    ['a/000.jpg', 'tabby', 2, 'prediction'],
  ]);
});

test('decisions alone leave the label of other pictures empty', async () => {
  expect(lines(await reviewedLibrary(), { include: 'decisions' })).toEqual([
    ['a/000.jpg', 'lynx', 1, 'decision'],
    ['a/001.jpg', '', null, null],
    ['a/002.jpg', '', null, null],
  ]);
});

test('a minimum score empties predictions, never decisions', async () => {
  expect(lines(await reviewedLibrary(), { minScore: 0.9 })).toEqual([
    ['a/000.jpg', 'lynx', 1, 'decision'],
    ['a/001.jpg', '', null, null],
    ['a/002.jpg', '', null, null],
  ]);
});

test('only reviewed pictures means accepted or corrected ones', async () => {
  expect(lines(await reviewedLibrary(), { onlyReviewed: true })).toEqual([['a/000.jpg', 'lynx', 1, 'decision']]);
});

test('pages together are the whole', async () => {
  const { store, datasetId } = await reviewedLibrary();
  const options: ExportOptions = { ...defaultExportOptions, include: 'predictions', topK: 2 };
  const paged = [];
  for (let afterId: number | null = 0; afterId !== null;) {
    const page: { afterId: number; imageLimit: number } = { afterId, imageLimit: 2 };
    paged.push(...exportRows(store.db, datasetId, options, page));
    afterId = pageEnd(store.db, datasetId, page);
  }
  expect(paged).toEqual([...exportRows(store.db, datasetId, options)]);
});

test('the export reads predictions by primary key', async () => {
  const { store, datasetId } = await reviewedLibrary();
  const plan = queryPlan(store.db, exportSql(defaultExportOptions), { datasetId, topK: 1, minScore: 0 });
  expect(plan).toContain('SEARCH predictions USING PRIMARY KEY (run_id=? AND image_id=?');
});
