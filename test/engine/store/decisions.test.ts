import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ReviewAction } from '../../../electron/contract/calls.ts';
import { openStore } from '../../../electron/engine/store/store.ts';
import { labelAll, seededLibrary, temporaryFolder, type SeededLibrary } from '../../support/library.ts';

function labeledLibrary(imageCount: number): SeededLibrary {
  const library = seededLibrary(imageCount);
  labelAll(library);
  return library;
}

/** Everything a person could have decided, to compare before and after. */
function decided({ store }: Pick<SeededLibrary, 'store'>): unknown {
  return store.db
    .prepare(
      `SELECT id, review, category_id,
        (SELECT json_group_array(json_array(category_id, source)) FROM annotations WHERE image_id = images.id) AS annotations
       FROM images ORDER BY id`,
    )
    .all();
}

test('accepting takes the best prediction', async () => {
  const { store, datasetId, imageIds, categoryIds } = labeledLibrary(2);
  const result = await store.decisions.decide(datasetId, [imageIds[0]!], { kind: 'accept' });

  expect(result).toMatchObject({ changed: 1, imageIds: [imageIds[0]] });
  expect(store.views.detail(imageIds[0]!)).toMatchObject({
    review: 'accepted',
    label: 'tiger',
    decided: true,
    annotations: [{ categoryId: categoryIds[0], source: 'accepted' }],
  });
  expect(store.views.detail(imageIds[1]!).review).toBe('unreviewed');
});

test('choosing another category corrects, choosing the predicted one accepts', async () => {
  const { store, datasetId, imageIds, categoryIds } = labeledLibrary(2);
  await store.decisions.decide(datasetId, [imageIds[0]!], { kind: 'label', categoryId: categoryIds[1]! });
  await store.decisions.decide(datasetId, [imageIds[1]!], { kind: 'label', categoryId: categoryIds[0]! });

  expect(store.views.detail(imageIds[0]!)).toMatchObject({ review: 'corrected', label: 'tabby' });
  expect(store.views.detail(imageIds[1]!)).toMatchObject({ review: 'accepted', label: 'tiger' });
});

test('a picture without a prediction cannot be accepted', async () => {
  const { store, datasetId, imageIds } = seededLibrary(1);
  expect((await store.decisions.decide(datasetId, imageIds, { kind: 'accept' })).changed).toBe(0);
});

test('a new category is made once and counted', async () => {
  const { store, datasetId, imageIds } = labeledLibrary(3);
  for (const id of imageIds) await store.decisions.decide(datasetId, [id], { kind: 'label-name', name: '=猫, "x"' });

  const made = store.categories.list(datasetId).filter(({ name }) => name === '=猫, "x"');
  expect(made).toMatchObject([{ imageCount: 3 }]);
});

test('a category of another dataset is refused', async () => {
  const { store, datasetId, imageIds } = labeledLibrary(1);
  const other = store.datasets.open(['/elsewhere']).datasetId;
  const foreign = store.categories.ensure(other, 'foreign');

  await expect(store.decisions.decide(datasetId, imageIds, { kind: 'label', categoryId: foreign })).rejects.toThrow(
    expect.objectContaining({ code: 'not-found' }),
  );
});

test('a decision about many pictures is one step', async () => {
  const library = labeledLibrary(40);
  const { store, datasetId, imageIds } = library;
  const before = decided(library);
  await store.decisions.decide(datasetId, imageIds, { kind: 'label-name', name: 'cat' });
  const after = decided(library);

  expect((await store.decisions.undo(datasetId)).changed).toBe(40);
  expect(decided(library)).toEqual(before);
  expect((await store.decisions.redo(datasetId)).changed).toBe(40);
  expect(decided(library)).toEqual(after);
});

test('undo and redo survive a restart', async () => {
  const path = join(temporaryFolder(), 'a.labelwright');
  let store = openStore(path);
  const { datasetId } = store.datasets.open(['/photos']);
  const sourceId = store.datasets.sources(datasetId)[0]!.id;
  const file = { sourceId, path: 'a.jpg', name: 'a.jpg', sizeBytes: 1, modifiedMs: 1 };
  store.images.see(datasetId, 1, [{ file, changed: false }]);
  await store.decisions.decide(datasetId, [1], { kind: 'label-name', name: 'one' });
  await store.decisions.decide(datasetId, [1], { kind: 'label-name', name: 'two' });
  store[Symbol.dispose]();

  store = openStore(path);
  expect(await store.decisions.undo(datasetId)).toMatchObject({ changed: 1, category: 'two' });
  expect(store.views.detail(1).label).toBe('one');
  store[Symbol.dispose]();

  store = openStore(path);
  expect(await store.decisions.redo(datasetId)).toMatchObject({ changed: 1, category: 'two' });
  expect(store.views.detail(1).label).toBe('two');
  store[Symbol.dispose]();
});

test('any series of decisions undone step by step gives back the beginning', async () => {
  const action: fc.Arbitrary<ReviewAction> = fc.oneof(
    fc.constantFrom<ReviewAction>({ kind: 'accept' }, { kind: 'skip' }, { kind: 'clear' }),
    fc.constantFrom('cat', 'dog', '__proto__', 'constructor').map((name) => ({ kind: 'label-name', name }) as const),
  );
  const step = fc.record({ action, places: fc.uniqueArray(fc.nat(5), { minLength: 1 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const library = labeledLibrary(6);
      const { store, datasetId, imageIds } = library;
      const start = decided(library);
      for (const { action: what, places } of steps) {
        const ids = places.map((place) => imageIds[place]!);
        await store.decisions.decide(datasetId, ids, what);
      }
      const end = decided(library);
      let undone = 0;
      while ((await store.decisions.undo(datasetId)).changed > 0) undone++;
      expect(decided(library)).toEqual(start);
      for (let redone = 0; redone < undone; redone++) await store.decisions.redo(datasetId);
      expect(decided(library)).toEqual(end);
      store[Symbol.dispose]();
    }),
    { numRuns: 40 },
  );
});

test('a decision after an undo ends the redo', async () => {
  const { store, datasetId, imageIds } = labeledLibrary(1);
  await store.decisions.decide(datasetId, imageIds, { kind: 'accept' });
  await store.decisions.undo(datasetId);
  await store.decisions.decide(datasetId, imageIds, { kind: 'skip' });

  expect(store.decisions.canRedo(datasetId)).toBe(false);
  expect((await store.decisions.redo(datasetId)).changed).toBe(0);
});

test('a new result leaves what a person decided alone', async () => {
  const library = labeledLibrary(1);
  const { store, datasetId, imageIds } = library;
  await store.decisions.decide(datasetId, imageIds, { kind: 'label-name', name: 'mine' });
  labelAll(library, () => 0.1);

  expect(store.views.detail(imageIds[0]!)).toMatchObject({ label: 'mine', review: 'corrected', decided: true });
});
