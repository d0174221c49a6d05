import fc from 'fast-check';
import { expect, test } from 'vitest';
import { categoryLevels } from '../../../electron/core/category.ts';
import { defaultExportOptions, type ExportOptions } from '../../../electron/core/export-options.ts';
import { exportLabels } from '../../../electron/engine/store/export-labels.ts';
import { countExportRows, exportRows } from '../../../electron/engine/store/export-rows.ts';
import { labelAll, labeled, seededLibrary, type SeededLibrary } from '../../support/library.ts';

const all: ExportOptions = { ...defaultExportOptions, include: 'predictions', topK: 100 };

/** Scores of 'tiger', 'tabby' and 'lynx' for each picture; tiger and tabby are cats, cats and the lynx are animals. */
function animals(scores: readonly (readonly number[])[]): SeededLibrary {
  const library = seededLibrary(scores.length);
  const { store, datasetId, imageIds, runId, modelId } = library;
  const [tiger, tabby, lynx] = ['tiger', 'tabby', 'lynx'];
  const categoryIds = store.categories.ensureAll(
    datasetId,
    [
      [tiger, 'animal', 'cat'],
      [tabby, 'animal', 'cat'],
      [lynx, 'animal'],
    ].map(([name, ...path]) => ({ name: name!, supercategory: '', wordnetId: null, path })),
  );
  store.results.commit(
    imageIds.map((id, place) => {
      const ranked = scores[place]!.map((score, index) => ({ index, score })).sort((a, b) => b.score - a.score);
      return { ...labeled(id), ranked } as ReturnType<typeof labeled>;
    }),
    [],
    { runId, modelId, categoryIds },
  );
  return library;
}

async function lines({ store, datasetId }: SeededLibrary, options: Partial<ExportOptions>) {
  const chosen = { ...all, ...options };
  const rows = [...exportRows(store.db, datasetId, chosen)];
  expect(await countExportRows(store.db, datasetId, chosen)).toBe(rows.length);
  const ids = new Set(exportLabels(store.db, datasetId, chosen.level).categories.map(({ id }) => id));
  for (const { categoryId } of rows) expect(categoryId === null || ids.has(categoryId)).toBe(true);
  return rows.map(({ label, score, rank }) => [label, score === null ? null : Number(score.toFixed(6)), rank]);
}

test('scores of labels that become one are added up before limits are applied, and ranked anew', async () => {
  const library = animals([[0.3, 0.25, 0.45]]);

  expect(await lines(library, { level: 'own' })).toEqual([
    ['lynx', 0.45, 1],
    ['tiger', 0.3, 2],
    ['tabby', 0.25, 3],
  ]);
  expect(await lines(library, { level: 'parent', minScore: 0.5 })).toEqual([['cat', 0.55, 1]]);
  expect(await lines(library, { level: 'parent', topK: 1 })).toEqual([['cat', 0.55, 1]]);
  expect(await lines(library, { level: 'top' })).toEqual([['animal', 1, 1]]);
});

test('decisions that become one label stay once', async () => {
  const library = animals([[0.3, 0.25, 0.45]]);
  const { store, datasetId, imageIds, categoryIds } = library;
  store.datasets.setWay(datasetId, { ...store.datasets.way(datasetId), multiLabel: true });
  for (const categoryId of categoryIds) {
    await store.decisions.decide(datasetId, imageIds, { kind: 'toggle', categoryId });
  }
  const decided = (await lines(library, { include: 'both', level: 'parent' })).map(([label]) => label);
  expect(decided.toSorted()).toEqual(['animal', 'cat']);
});

test('only categories that rows may have are listed', () => {
  const { store, datasetId } = animals([[0.3, 0.25, 0.45]]);
  const listed = (level: ExportOptions['level']) =>
    exportLabels(store.db, datasetId, level).categories.map(({ name, supercategory }) => [name, supercategory]);

  expect(listed('own').map(([name]) => name)).toEqual(['tiger', 'tabby', 'lynx']);
  expect(listed('parent')).toEqual([
    ['animal', ''],
    ['cat', 'animal'],
  ]);
  expect(listed('top')).toEqual([['animal', '']]);
});

test('what was merged leaves as what it became, once and with the score of the best', async () => {
  const library = seededLibrary(2);
  labelAll(library, () => 0.8);
  const { store, datasetId, categoryIds } = library;
  await store.decisions.mergeCategories(datasetId, [categoryIds[0]!], categoryIds[1]!);

  expect(await lines(library, {})).toEqual([
    ['tabby', 0.8, 1],
    ['tabby', 0.8, 1],
  ]);
  expect(exportLabels(store.db, datasetId, 'own').categories.map(({ name }) => name)).toEqual(['tabby', 'lynx']);
});

test('a category whose making was undone is not listed', async () => {
  const { store, datasetId } = seededLibrary(1);
  await store.decisions.createCategory(datasetId, 'mouse', null);
  await store.decisions.undo(datasetId);
  expect(exportLabels(store.db, datasetId, 'own').categories.map(({ name }) => name)).toEqual([
    'tiger',
    'tabby',
    'lynx',
  ]);
});

test('whatever the level: counts agree, no label twice a picture, no score is lost, own rows are those stored', async () => {
  const score = fc.integer({ min: 0, max: 333 }).map((value) => value / 1000);
  const scores = fc.array(fc.array(score, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 4 });
  const limits = fc.record({ topK: fc.integer({ min: 1, max: 4 }), minScore: fc.constantFrom(0, 0.2, 0.4) });
  await fc.assert(
    fc.asyncProperty(scores, limits, async (pictures, { topK, minScore }) => {
      const library = animals(pictures);
      const { store, datasetId, imageIds } = library;
      for (const level of categoryLevels) {
        await lines(library, { level, topK, minScore });
        const whole = [...exportRows(store.db, datasetId, { ...all, level })];
        for (const [place, imageId] of imageIds.entries()) {
          const ofPicture = whole.filter((row) => row.imageId === imageId);
          expect(new Set(ofPicture.map(({ label }) => label)).size).toBe(ofPicture.length);
          expect(ofPicture.map(({ rank }) => rank)).toEqual(ofPicture.map((_, index) => index + 1));
          const sum = ofPicture.reduce((total, row) => total + row.score!, 0);
          expect(sum).toBeCloseTo(
            pictures[place]!.reduce((total, value) => total + value, 0),
            6,
          );
        }
      }
      const own = [...exportRows(store.db, datasetId, { ...all, topK, minScore })];
      const stored = store.db
        .prepare(`SELECT category_id FROM predictions WHERE rank <= ? AND score >= ? ORDER BY image_id, rank`)
        .pluck()
        .all(topK, minScore);
      expect(own.flatMap(({ categoryId }) => categoryId ?? [])).toEqual(stored);
      store[Symbol.dispose]();
    }),
    { numRuns: 30 },
  );
});
