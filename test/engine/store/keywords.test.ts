import { expect, test } from 'vitest';
import { keywordsSql, keywordsTable, type Step } from '../../../electron/engine/store/keywords.ts';
import { queryPlan, seededLibrary } from '../../support/library.ts';

const fields = (word: string) => ({ subject: [word], lightroom: [word], digikam: [word], microsoft: [word] });

test('what is looked for is found by an index, however many pictures there are', () => {
  const { store } = seededLibrary(1);
  for (const [sql, values] of [
    [keywordsSql.doubtful, []],
    [keywordsSql.ofExport, [1, 0, 64]],
    [keywordsSql.countOf, [1]],
    [keywordsSql.newest, [1]],
  ] as const) {
    expect(queryPlan(store.db, sql, ...values), sql).toMatch(/USING (?:COVERING )?INDEX/);
    expect(queryPlan(store.db, sql, ...values), sql).not.toMatch(/TEMP B-TREE/);
  }
});

test('a step holds once its file was replaced, and is as if it had never been where it was not', () => {
  const { store, datasetId, imageIds } = seededLibrary(2);
  const table = keywordsTable(store.db);
  const exportId = table.begin(datasetId);
  const step = (imageId: number): Step => ({
    imageId,
    place: 'sidecar',
    exportId,
    now: { hash: 'a', ours: fields('dog'), only: fields('dog') },
    before: { hash: null, ours: fields('cat'), only: null },
    beforeBytes: Buffer.from('before'),
    photo: null,
  });
  const [one, other] = [step(imageIds[0]!), step(imageIds[1]!)];
  table.stage([one, other]);
  expect(table.doubtful().map(({ imageId }) => imageId)).toEqual(imageIds);
  table.settle([
    { step: one, replaced: true },
    { step: other, replaced: false },
  ]);
  expect(table.doubtful()).toEqual([]);
  const { now, before, beforeBytes } = table.get(imageIds[0]!, 'sidecar')!;
  expect({ now, before, beforeBytes }).toEqual({ now: one.now, before: one.before, beforeBytes: one.beforeBytes });
  expect(table.get(imageIds[1]!, 'sidecar')).toMatchObject({ now: null, before: null, beforeBytes: null });
  expect([table.newest(datasetId), table.count(exportId)]).toEqual([exportId, 1]);
  expect(table.begin(datasetId)).toBe(exportId + 1);
});
