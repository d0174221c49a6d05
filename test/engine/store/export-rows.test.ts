import { expect, test } from 'vitest';
import { defaultExportOptions, type ExportOptions, type ReviewChoice } from '../../../electron/core/export-options.ts';
import { chooseRows, type RowChoice } from '../../../electron/engine/export/exporter.ts';
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

async function lines({ store, datasetId }: SeededLibrary, options: Partial<ExportOptions>) {
  const all = { ...defaultExportOptions, ...options };
  const rows = [...exportRows(store.db, datasetId, all)];
  expect(await countExportRows(store.db, datasetId, all)).toBe(rows.length);
  return rows.map(({ fileName, label, rank, origin }) => [fileName, label, rank, origin]);
}

test('decisions come before predictions, which fill the rest', async () => {
  expect(await lines(await reviewedLibrary(), { include: 'both' })).toEqual([
    ['a/000.jpg', 'lynx', 1, 'decision'],
    ['a/001.jpg', 'tiger', 1, 'prediction'],
    ['a/002.jpg', 'tiger', 1, 'prediction'],
  ]);
});

test('predictions alone ignore what was decided', async () => {
  const rows = await lines(await reviewedLibrary(), { include: 'predictions', topK: 2 });
  expect(rows).toHaveLength(6);
  expect(rows.slice(0, 2)).toEqual([
    ['a/000.jpg', 'tiger', 1, 'prediction'],
    ['a/000.jpg', 'tabby', 2, 'prediction'],
  ]);
});

test('decisions alone leave the label of other pictures empty', async () => {
  expect(await lines(await reviewedLibrary(), { include: 'decisions' })).toEqual([
    ['a/000.jpg', 'lynx', 1, 'decision'],
    ['a/001.jpg', '', null, null],
    ['a/002.jpg', '', null, null],
  ]);
});

test('a minimum score empties predictions, never decisions', async () => {
  expect(await lines(await reviewedLibrary(), { minScore: 0.9 })).toEqual([
    ['a/000.jpg', 'lynx', 1, 'decision'],
    ['a/001.jpg', '', null, null],
    ['a/002.jpg', '', null, null],
  ]);
});

test('only reviewed pictures means accepted or corrected ones', async () => {
  expect(await lines(await reviewedLibrary(), { onlyReviewed: true })).toEqual([['a/000.jpg', 'lynx', 1, 'decision']]);
});

test('of reviewed pictures a part can be chosen, and the choice counts before the older one', async () => {
  const library = await reviewedLibrary();
  const { store, datasetId } = library;
  const names = async (review: ReviewChoice, onlyReviewed = false) =>
    (await lines(library, { review, onlyReviewed })).map(([fileName]) => fileName);
  expect(await names('decided')).toEqual(['a/000.jpg']);
  expect(await names('undecided', true)).toEqual(['a/001.jpg', 'a/002.jpg']);
  expect(await names('skipped')).toEqual(['a/001.jpg']);
  expect(await names('unsure')).toEqual([]);
  expect(await names('all', true)).toHaveLength(3);
  await store.decisions.decide(datasetId, [library.imageIds[2]!], { kind: 'unsure' });
  expect(await names('unsure')).toEqual(['a/002.jpg']);
});

test('all scores are there for decided pictures, too, and for however few predictions are exported', async () => {
  const { store, datasetId } = await reviewedLibrary();
  const options = { ...defaultExportOptions, topK: 1, minScore: 0.5, include: 'decisions' } as const;
  const rows = [...exportRows(store.db, datasetId, options, { scores: true, ahead: true })];
  expect(rows.map(({ fileName, label, score }) => [fileName, label, score?.toFixed(1)])).toEqual(
    ['a/000.jpg', 'a/001.jpg', 'a/002.jpg'].flatMap((name) => [
      [name, 'tiger', '0.8'],
      [name, 'tabby', '0.2'],
    ]),
  );
});

test('pages together are the whole', async () => {
  const { store, datasetId } = await reviewedLibrary();
  const options: ExportOptions = { ...defaultExportOptions, include: 'predictions', topK: 2 };
  const paged = [];
  for (let afterId: number | null = 0; afterId !== null;) {
    const page: { afterId: number; imageLimit: number } = { afterId, imageLimit: 2 };
    paged.push(...exportRows(store.db, datasetId, options, { page }));
    afterId = pageEnd(store.db, datasetId, page);
  }
  expect(paged).toEqual([...exportRows(store.db, datasetId, options)]);
});

test('pictures of known and of unknown size are all of them, and each row is counted once', async () => {
  const library = await reviewedLibrary();
  const { store, datasetId, imageIds } = library;
  store.db.prepare(`UPDATE images SET width = NULL WHERE id = ?`).run(imageIds[1]);
  const options: ExportOptions = { ...defaultExportOptions, include: 'predictions', topK: 2 };
  const tally = { rows: 0 };
  const read = (choice: RowChoice) => [...exportRows(store.db, datasetId, options, { ...choice, tally })];

  expect(read({ pictures: true })).toEqual([
    ...chooseRows(exportRows(store.db, datasetId, options), { pictures: true }),
  ]);
  expect(tally.rows).toBe(0);
  expect(read({ ahead: true })).toHaveLength(6);
  expect(tally.rows).toBe(0);
  expect(read({ size: 'known' }).map(({ imageId }) => imageId)).toEqual([
    imageIds[0],
    imageIds[0],
    imageIds[2],
    imageIds[2],
  ]);
  expect(read({ size: 'unknown' }).map(({ imageId }) => imageId)).toEqual([imageIds[1], imageIds[1]]);
  expect(tally.rows).toBe(6);
});

test('an export reads each picture of a range once, and labels by primary key', async () => {
  const { store, datasetId } = await reviewedLibrary();
  const range = { datasetId, afterId: 0, lastId: 500, topK: 1, minScore: 0 };
  const { images, decisions, predictions } = exportSql(defaultExportOptions);
  const parameters = (sql: string) =>
    Object.fromEntries(Object.entries(range).filter(([key]) => sql.includes(`:${key}`)));
  const plan = (sql: string) => queryPlan(store.db, sql, parameters(sql));

  expect(plan(images)).toContain('SEARCH images USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)');
  expect(plan(decisions)).toContain('SEARCH annotations USING PRIMARY KEY (image_id>? AND image_id<?)');
  expect(plan(predictions)).toContain('SEARCH predictions USING PRIMARY KEY (run_id=? AND image_id=?');
  expect(plan(images) + plan(predictions)).not.toContain('TEMP B-TREE FOR ORDER BY');
});
