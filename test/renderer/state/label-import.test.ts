import { expect, test, vi } from 'vitest';
import { AppError } from '#core/errors.ts';
import type { ImportPlan, TableMapping } from '#core/label-import.ts';
import { LabelImport } from '../../../renderer/state/label-import.svelte.ts';
import { fakeBridge } from '../support/bridge.ts';

const mapping: TableMapping = {
  encoding: 'utf-8',
  delimiter: ',',
  header: true,
  file: 0,
  label: 1,
  score: null,
  review: null,
  folder: null,
  separator: null,
  oneHot: false,
};

const plan = (patch: Partial<ImportPlan> = {}): ImportPlan => ({
  importId: 7,
  fileName: 'labels.csv',
  format: 'csv',
  table: { mapping, columns: [] },
  entryCount: 5,
  matched: { byPath: 5, byName: 0, byContent: 0 },
  problems: { unmatched: 0, ambiguous: 0, invalid: 0, several: 0 },
  firstProblems: [],
  leftOut: 0,
  edited: 0,
  unchanged: 1,
  conflicts: 1,
  fresh: 3,
  newCategories: [],
  newCategoryCount: 0,
  examples: [],
  ...patch,
});

async function chosen(answers: Parameters<typeof fakeBridge>[0] = {}) {
  const bridge = fakeBridge({
    'labels.formats': () => [
      { id: 'csv', title: 'CSV table', target: 'file' },
      { id: 'coco', title: 'COCO', target: 'file' },
      { id: 'class-folders', title: 'Folders', target: 'folder' },
    ],
    'labels.choose': () => plan(),
    'labels.discard': () => undefined,
    'datasets.configure': () => undefined,
    ...answers,
  });
  const importing = new LabelImport(1);
  await importing.choose('file');
  return { bridge, importing };
}

const planned = (importing: LabelImport) => vi.waitFor(() => expect(importing.ready).toBe(true));

test('a file is planned, not taken over; decisions stay unless the person says otherwise', async () => {
  const { bridge, importing } = await chosen();

  expect([importing.step, importing.changes, importing.ready]).toEqual(['decide', 3, true]);
  expect(importing.formats.map(({ id }) => id)).toEqual(['csv', 'coco']);
  importing.conflicts = 'replace';
  expect(importing.changes).toBe(4);
  importing.close();
  expect([bridge.called('labels.import'), bridge.called('labels.discard')]).toEqual([[], [{ importId: 7 }]]);
});

test('giving up in the dialog leaves everything as it was; a wrong file says why', async () => {
  const { importing, bridge } = await chosen({ 'labels.choose': () => null });
  expect([importing.step, importing.problem]).toEqual(['choose', null]);

  bridge.answers['labels.choose'] = () => {
    throw new AppError('input.invalid', 'The file is empty', { details: { reason: 'empty' } });
  };
  await importing.choose('file');
  expect([importing.step, importing.problem?.message]).toEqual(['choose', 'The file is empty']);
  expect(importing.problem?.reason).toBe('empty');
});

test('every change is planned again, several at once as one, and nothing is imported in between', async () => {
  const { importing, bridge } = await chosen({ 'labels.plan': () => plan({ fresh: 1 }) });
  importing.setTable({ label: 4 });
  importing.setTable({ delimiter: ';' });
  expect(importing.ready).toBe(false);
  expect(await importing.import()).toBeNull();
  await planned(importing);

  expect(bridge.called('labels.plan')).toEqual([
    {
      importId: 7,
      options: { format: null, predictions: false, minScore: 0, table: { ...mapping, label: 4, delimiter: ';' } },
    },
  ]);
  expect([importing.changes, importing.table?.delimiter]).toEqual([1, ';']);
});

test('a change while a file is read is read afterwards, one reading at a time', async () => {
  const first = Promise.withResolvers<ImportPlan>();
  const { importing, bridge } = await chosen({ 'labels.plan': () => first.promise });
  importing.set({ predictions: true });
  await vi.waitFor(() => expect(bridge.called('labels.plan')).toHaveLength(1));
  importing.set({ minScore: 0.5 });
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(bridge.called('labels.plan')).toHaveLength(1);
  bridge.answers['labels.plan'] = () => plan({ fresh: 2 });
  first.resolve(plan());
  await planned(importing);

  expect(bridge.called('labels.plan')).toHaveLength(2);
  expect([importing.options.minScore, importing.changes]).toEqual([0.5, 2]);
});

test('a format that does not fit keeps the sheet, and its columns are forgotten with it', async () => {
  const { importing, bridge } = await chosen({
    'labels.plan': () => {
      throw new AppError('input.invalid', 'This is no COCO file');
    },
  });
  importing.setTable({ label: 4 });
  importing.set({ format: 'coco' });
  await vi.waitFor(() => expect(importing.problem).toMatchObject({ at: 'plan', message: 'This is no COCO file' }));
  expect([importing.step, importing.ready, importing.options.table]).toEqual(['decide', false, null]);

  bridge.answers['labels.plan'] = () => plan();
  importing.set({ format: 'csv' });
  await planned(importing);
  expect(importing.problem).toBeNull();
});

test('letting pictures have several categories is taken back when nothing is imported', async () => {
  const { importing, bridge } = await chosen({ 'labels.plan': () => plan() });
  await importing.letSeveral();
  await planned(importing);
  importing.close();
  await vi.waitFor(() =>
    expect(bridge.called('datasets.configure')).toEqual([
      { datasetId: 1, multiLabel: true },
      { datasetId: 1, multiLabel: false },
    ]),
  );
});

test('what was imported is neither discarded nor taken back', async () => {
  const { importing, bridge } = await chosen({
    'labels.plan': () => plan(),
    'labels.import': () => ({ kind: 'import', changed: 3, imageIds: [1], category: null }),
  });
  await importing.letSeveral();
  await planned(importing);
  expect(await importing.import()).toMatchObject({ changed: 3 });
  importing.close();
  expect(bridge.called('labels.import')).toEqual([{ importId: 7, conflicts: 'keep' }]);
  expect([bridge.called('labels.discard'), bridge.called('datasets.configure')]).toEqual([
    [],
    [{ datasetId: 1, multiLabel: true }],
  ]);
});

test('a file that is still read when the sheet closes is put away', async () => {
  const reading = Promise.withResolvers<ImportPlan>();
  const bridge = fakeBridge({
    'labels.formats': () => [],
    'labels.choose': () => reading.promise,
    'labels.discard': () => undefined,
  });
  const importing = new LabelImport(1);
  const choosing = importing.choose('file');
  await vi.waitFor(() => expect(bridge.called('labels.choose')).toHaveLength(1));
  bridge.emit('labels.progress', { importId: 7, bytesRead: 1, totalBytes: 2, entryCount: 1 });
  importing.close();
  expect(bridge.called('labels.discard')).toEqual([{ importId: 7 }]);
  reading.reject(new AppError('aborted', 'The import was put away'));
  await choosing;
  expect(importing.problem).toBeNull();
});

test('stopped while it is taken over, all of it is taken back before the sheet goes', async () => {
  const written = Promise.withResolvers<unknown>();
  const done = { kind: 'import', changed: 3, imageIds: [1, 2, 3], category: null };
  const { bridge, importing } = await chosen({
    'labels.import': () => written.promise as never,
    'review.undo': () => done as never,
  });
  const answer = importing.import();
  expect([importing.step, importing.close(), importing.stopping]).toEqual(['importing', false, true]);
  expect(bridge.called('review.undo')).toEqual([]);
  written.resolve(done);
  expect(await answer).toBeNull();
  expect(bridge.called('review.undo')).toEqual([{ datasetId: 1 }]);
  expect([importing.close(), importing.problem]).toEqual([true, null]);
});

test('stopped before anything was written, nothing else is undone', async () => {
  const written = Promise.withResolvers<unknown>();
  const { bridge, importing } = await chosen({ 'labels.import': () => written.promise as never });
  const answer = importing.import();
  importing.close();
  written.resolve({ kind: 'import', changed: 0, imageIds: [], category: null });
  expect(await answer).toBeNull();
  expect(bridge.called('review.undo')).toEqual([]);
});
