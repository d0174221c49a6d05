import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ruledPictures } from '../../../electron/engine/rules.ts';
import { findProblems } from '../../../electron/engine/store/check.ts';
import { namingSql } from '../../../electron/engine/store/merged-pictures.ts';
import type { Store } from '../../../electron/engine/store/store.ts';
import {
  labelAll,
  openTestStore,
  queryPlan,
  seededLibrary,
  temporaryFolder,
  type SeededLibrary,
} from '../../support/library.ts';

function labeledLibrary(imageCount: number, multiLabel = false): SeededLibrary {
  const library = seededLibrary(imageCount);
  labelAll(library);
  const way = library.store.datasets.way(library.datasetId);
  library.store.datasets.setWay(library.datasetId, { ...way, multiLabel });
  return library;
}

/** Everything a person could have changed, counters included. */
function everything({ db, categories, datasets }: Store, datasetId: number): unknown {
  return {
    images: db
      .prepare(
        `SELECT id, review, category_id, top_category_id,
          (SELECT json_group_array(json_array(category_id, source) ORDER BY sequence) FROM annotations
           WHERE image_id = images.id) AS annotations
         FROM images ORDER BY id`,
      )
      .all(),
    marks: db.prepare(`SELECT * FROM image_marks ORDER BY image_id`).all(),
    // Rows that were made and taken back stay, unseen.
    rows: categories.rows(datasetId).filter(({ removed }) => !removed),
    list: categories.list(datasetId),
    counts: datasets.counts(datasetId),
  };
}

/** What the counters should say, counted. */
function counted({ db, categories }: Store, datasetId: number): unknown {
  const query = (where: string) =>
    db.prepare<{ id: number }, number>(`SELECT count(*) FROM images WHERE ${where} AND status <> 'missing'`).pluck();
  const beside = `EXISTS (SELECT 1 FROM annotations WHERE image_id = images.id AND category_id = :id)`;
  const all = query(`(category_id = :id OR ${beside})`);
  const decided = query(beside);
  return categories.list(datasetId).map(({ id }) => [id, all.get({ id }), decided.get({ id })]);
}

function countersOf({ categories }: Store, datasetId: number): unknown {
  return categories.list(datasetId).map(({ id, imageCount, decidedCount }) => [id, imageCount, decidedCount]);
}

const name = fc.constantFrom('tiger', 'tabby', 'cat', 'dog', '__proto__');
const places = fc.uniqueArray(fc.nat(5), { minLength: 1 });
const step = fc.oneof(
  fc.record({ kind: fc.constantFrom('accept', 'skip', 'unsure', 'clear'), places }),
  fc.record({ kind: fc.constantFrom('label-name', 'toggle-name'), name, places }),
  fc.record({ kind: fc.constant('move'), which: fc.nat(9), name, places }),
  fc.record({ kind: fc.constant('flag'), on: fc.boolean(), places }),
  fc.record({ kind: fc.constant('note'), note: fc.constantFrom('', 'look again'), places }),
  fc.record({ kind: fc.constant('create'), name, which: fc.option(fc.nat(9)) }),
  fc.record({ kind: fc.constant('rename'), name, which: fc.nat(9) }),
  fc.record({ kind: fc.constant('nest'), which: fc.nat(9), under: fc.option(fc.nat(9)) }),
  fc.record({ kind: fc.constant('hotkey'), which: fc.nat(9), hotkey: fc.constantFrom('K', null) }),
  fc.record({ kind: fc.constant('merge'), which: fc.nat(9), under: fc.nat(9) }),
  fc.record({ kind: fc.constant('rules'), places }),
);

async function take({ store, datasetId, imageIds }: SeededLibrary, what: Record<string, unknown>): Promise<void> {
  const list = store.categories.list(datasetId);
  const category = (place: unknown) => list[(place as number) % list.length]!.id;
  const ids = ((what.places as number[] | undefined) ?? []).map((place) => imageIds[place]!);
  const { decisions } = store;
  const text = what.name as string;
  switch (what.kind) {
    case 'create':
      return void (await decisions.createCategory(datasetId, text, what.which === null ? null : category(what.which)));
    case 'rename':
      return void (await decisions.changeCategory(datasetId, category(what.which), { name: text, threshold: 0.3 }));
    case 'nest': {
      const parentId = what.under === null ? null : category(what.under);
      return void (await decisions.changeCategory(datasetId, category(what.which), { parentId }));
    }
    case 'hotkey':
      return void (await decisions.changeCategory(datasetId, category(what.which), {
        hotkey: what.hotkey as string | null,
      }));
    case 'merge':
      return void (await decisions.mergeCategories(datasetId, [category(what.which)], category(what.under)));
    case 'rules':
      return void (await decisions.applyRules(datasetId, Int32Array.from(ids.slice(1)), Int32Array.from([ids[0]!])));
    case 'move':
      return void (await decisions.decide(datasetId, ids, {
        kind: 'move',
        categoryId: category(what.which),
        name: text,
      }));
    default: {
      const { places: _places, ...action } = what;
      await decisions.decide(datasetId, ids, action as never);
    }
  }
}

test.each([false, true])(
  'any series of steps undone gives back the beginning, redone the end, counters included (several categories: %s)',
  async (multiLabel) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
        const library = labeledLibrary(6, multiLabel);
        const { store, datasetId } = library;
        const states = [everything(store, datasetId)];
        for (const what of steps) {
          // Names that are taken and circles are refused, and change nothing.
          await take(library, what).catch((thrown: unknown) => expect(thrown).toMatchObject({ code: 'input.invalid' }));
          expect(countersOf(store, datasetId)).toEqual(counted(store, datasetId));
        }
        const end = everything(store, datasetId);
        let undone = 0;
        while ((await store.decisions.undo(datasetId)).kind !== null) undone++;
        expect(everything(store, datasetId)).toEqual(states[0]);
        for (let redone = 0; redone < undone; redone++) await store.decisions.redo(datasetId);
        expect(everything(store, datasetId)).toEqual(end);
        expect(findProblems(store.db)).toEqual([]);
        store[Symbol.dispose]();
      }),
      { numRuns: 25 },
    );
  },
);

test('merged pictures follow, later results count as what remains, and undo parts them again', async () => {
  const library = labeledLibrary(3);
  const { store, datasetId, imageIds, categoryIds } = library;
  const [tiger, tabby] = categoryIds as [number, number];
  await store.decisions.decide(datasetId, [imageIds[0]!], { kind: 'label', categoryId: tiger });
  expect(await store.decisions.mergeCategories(datasetId, [tiger], tabby)).toMatchObject({ changed: 3 });

  expect(store.views.detail(imageIds[0]!)).toMatchObject({ review: 'accepted', label: 'tabby' });
  expect(store.views.detail(imageIds[1]!).predictions).toMatchObject([{ rank: 1, category: 'tabby', score: 0.9 }]);
  labelAll(library, () => 0.8);
  expect(store.views.detail(imageIds[2]!).label).toBe('tabby');
  await store.decisions.undo(datasetId);
  expect(imageIds.map((id) => store.views.detail(id).label)).toEqual(['tiger', 'tiger', 'tiger']);
});

test('a category that a person renamed is found by what the model calls it', async () => {
  const { store, datasetId, categoryIds } = labeledLibrary(1);
  await store.decisions.changeCategory(datasetId, categoryIds[0]!, { name: 'Shere Khan' });
  const labels = ['tiger', 'tabby', 'lynx'].map((label) => ({ name: label, supercategory: '', wordnetId: null }));

  expect(store.categories.ensureAll(datasetId, labels)).toEqual(categoryIds);
});

test('the one that remains of a merge can take the name of the one that went', async () => {
  const { store, datasetId, categoryIds } = labeledLibrary(1);
  await store.decisions.mergeCategories(datasetId, [categoryIds[0]!], categoryIds[1]!);
  await store.decisions.changeCategory(datasetId, categoryIds[1]!, { name: 'tiger' });

  expect(store.categories.list(datasetId).map(({ name: shown }) => shown)).toEqual(['tiger', 'lynx']);
});

test('a merge that a crash cuts off follows later, and one undo takes it back', async () => {
  const many = 4000;
  const library = labeledLibrary(many);
  const { store, datasetId, imageIds, categoryIds } = library;
  const [tiger, tabby] = categoryIds as [number, number];
  await store.decisions.decide(datasetId, imageIds.slice(0, 2000), { kind: 'accept' });
  const before = everything(store, datasetId);
  const left = () =>
    store.db.prepare(`SELECT count(*) FROM images WHERE category_id = ${tiger}`).pluck().get() as number;
  const merging = store.decisions.mergeCategories(datasetId, [tiger], tabby);
  while (left() === many) await new Promise((resolve) => setImmediate(resolve));
  const path = join(temporaryFolder(), 'crashed.labelwright');
  writeFileSync(path, store.db.serialize());
  await merging;

  const again = openTestStore(path);
  await again.decisions.settled();
  expect(again.categories.list(datasetId)[0]).toMatchObject({ id: tabby, imageCount: many, decidedCount: 2000 });
  expect((await again.decisions.undo(datasetId)).changed).toBe(many);
  expect(everything(again, datasetId)).toEqual(before);
});

test('pictures that name a category are found through indexes', () => {
  const { store } = seededLibrary(1);
  const plans = namingSql.map((sql) =>
    queryPlan(store.db, sql.replace(':datasetId', '1').replace(':categoryId', '1').replace(':afterId', '0')),
  );
  for (const plan of plans) {
    expect(plan).toMatch(/COVERING INDEX/);
    expect(plan).not.toContain('TEMP B-TREE');
  }
});

test('filters find pictures by flag, by all below a category and by what was predicted', async () => {
  const { store, datasetId, imageIds, categoryIds } = labeledLibrary(3);
  const [tiger, tabby] = categoryIds as [number, number];
  const animal = await store.decisions.createCategory(datasetId, 'animal', null);
  await store.decisions.changeCategory(datasetId, tiger, { parentId: animal });
  await store.decisions.decide(datasetId, [imageIds[1]!], { kind: 'flag', on: true });
  await store.decisions.decide(datasetId, [imageIds[2]!], { kind: 'label', categoryId: tabby });
  const find = async (filter: Parameters<typeof store.views.find>[1]) => [
    ...(await store.views.find(datasetId, filter)),
  ];

  expect(await find({ flagged: true })).toEqual([imageIds[1]]);
  expect(await find({ flagged: false })).toEqual([imageIds[0], imageIds[2]]);
  expect(await find({ underCategoryId: animal })).toEqual([imageIds[0], imageIds[1]]);
  expect(await find({ predictedCategoryId: tiger, categoryId: tabby })).toEqual([imageIds[2]]);
});

test('a rule speaks of unreviewed pictures strictly below its score', async () => {
  const library = seededLibrary(3);
  labelAll(library, (place) => [0.5, 0.75, 1][place]!);
  const { store, datasetId, imageIds, categoryIds } = library;
  const rules = (below: number) => [{ categoryId: categoryIds[0]!, below, then: 'unsure' as const }];

  expect([...(await ruledPictures(store, datasetId, rules(0.75))).unsure]).toEqual([imageIds[0]]);
  expect([...(await ruledPictures(store, datasetId, rules(1))).unsure]).toEqual(imageIds.slice(0, 2));
});
