import { describe, expect, test } from 'vitest';
import { defaultImportOptions, type FileLabels, type ImportOptions } from '../../../electron/core/label-import.ts';
import type { Importer, ImportEntry } from '../../../electron/engine/import/importer.ts';
import { planImport } from '../../../electron/engine/import/plan.ts';
import { labeled, seededLibrary } from '../../support/library.ts';

const beginning = {
  path: '/elsewhere/labels',
  name: 'labels',
  isFolder: false,
  bytes: new Uint8Array(),
  text: '',
  names: [],
};

/** Reads entries out of thin air. */
const importer = (entries: readonly ImportEntry[]): Importer => ({
  id: 'test',
  title: 'Test',
  target: 'file',
  recognises: () => 1,
  async *read() {
    yield* entries;
  },
});

const says = (file: string, categories: string[], more: Partial<FileLabels> = {}): FileLabels => ({
  file,
  categories,
  review: null,
  predicted: false,
  score: null,
  place: `entry of ${file}`,
  ...more,
});

function library(multiLabel = false) {
  const seeded = seededLibrary(6);
  const { store, datasetId, imageIds } = seeded;
  store.datasets.setWay(datasetId, { ...store.datasets.way(datasetId), multiLabel });
  store.results.commit(
    imageIds.map((id) => labeled(id)),
    [],
    seeded,
  );
  const plan = (entries: ImportEntry[], options: Partial<ImportOptions> = {}) =>
    planImport(store.db, datasetId, importer(entries), beginning, { ...defaultImportOptions, ...options }, () => {});
  const now = (place: number) => {
    const { review, annotations } = store.views.detail(imageIds[place]!);
    return [review, ...annotations.map(({ category }) => category)];
  };
  return { ...seeded, plan, now };
}

describe('a plan', () => {
  test('tells what is fresh, decided otherwise, and so already, and which categories are new', async () => {
    const { store, datasetId, imageIds, plan } = library();
    await store.decisions.decide(datasetId, imageIds.slice(0, 2), { kind: 'label-name', name: 'lynx' });
    const { plan: found } = await plan([
      says('a/000.jpg', ['lynx']),
      says('a/001.jpg', ['ocelot']),
      says('a/002.jpg', ['ocelot']),
      says('nowhere.jpg', ['tiger']),
      says('a/003.jpg', ['tiger', 'tabby']),
      { invalid: 'No label', file: 'a/004.jpg', place: 'line 6' },
      says('a/005.jpg', []),
    ]);
    expect(found).toMatchObject({
      entryCount: 6,
      matched: { byPath: 3, byName: 0, byContent: 0 },
      problems: { unmatched: 1, ambiguous: 0, invalid: 1, several: 1 },
      unchanged: 1,
      conflicts: 1,
      fresh: 1,
      newCategories: ['ocelot'],
      newCategoryCount: 1,
    });
    expect(found.examples[1]).toEqual({
      file: 'a/001.jpg',
      name: 'a/001.jpg',
      now: ['lynx'],
      categories: ['ocelot'],
    });
    expect(found.firstProblems.map(({ problem, file }) => [problem, file])).toEqual([
      ['unmatched', 'nowhere.jpg'],
      ['several', 'a/003.jpg'],
      ['invalid', 'a/004.jpg'],
    ]);
  });

  test('leaves predictions out unless asked, but takes one whose label somebody changed', async () => {
    const { plan } = library();
    const entries = [
      says('a/000.jpg', ['tiger'], { predicted: true, score: 0.9 }),
      says('a/001.jpg', ['lynx', 'tabby'], { predicted: true, score: 0.9 }),
      says('a/002.jpg', ['lynx'], { predicted: true, score: 0.4 }),
    ];
    expect((await plan(entries)).plan).toMatchObject({ leftOut: 2, edited: 1, fresh: 1 });
    expect((await plan(entries, { predictions: true, minScore: 0.5 })).plan).toMatchObject({ leftOut: 1, fresh: 2 });
  });

  test('joins lines in a row; what is said last holds', async () => {
    const { plan } = library(true);
    const { labels } = await plan([
      says('a/000.jpg', ['lynx']),
      says('a/000.jpg', ['tabby', 'lynx']),
      says('a/001.jpg', ['tiger'], { predicted: true, score: 0.3 }),
      says('a/001.jpg', ['tabby']),
      says('a/000.jpg', ['ocelot']),
    ]);
    expect(labels.groups.map(({ categories, imageIds }) => [categories, imageIds.length])).toEqual([
      [['tabby'], 1],
      [['ocelot'], 1],
    ]);
  });

  test('takes no weak predictions along with a strong one', async () => {
    const { plan } = library(true);
    const entries = [
      says('a/000.jpg', ['tiger'], { predicted: true, score: 0.8 }),
      says('a/000.jpg', ['tabby'], { predicted: true, score: 0.6 }),
      says('a/000.jpg', ['lynx'], { predicted: true, score: 0.1 }),
    ];
    const { labels } = await plan(entries, { predictions: true, minScore: 0.5 });
    expect(labels.groups.map(({ categories }) => categories)).toEqual([['tiger', 'tabby']]);
  });

  test('refuses names that are none', async () => {
    const { plan } = library();
    const { plan: found } = await plan([says('a/000.jpg', [' ']), says('a/001.jpg', ['x'.repeat(513)])]);
    expect(found.firstProblems.map(({ reason }) => reason)).toEqual([
      'A label without a name',
      'A label of 513 letters; 512 are allowed',
    ]);
    expect(found.firstProblems.map(({ why }) => why)).toEqual(['bad-label', 'bad-label']);
    const many = Array.from({ length: 20_001 }, (_, place) => says(`a/00${place % 2}.jpg`, [`label ${place}`]));
    await expect(plan(many)).rejects.toMatchObject({ code: 'input.invalid' });
  });

  test('joins any number of lines about one picture in little time', async () => {
    const { plan } = library(true);
    const many = Array.from({ length: 20_000 }, (_, place) => says('a/000.jpg', [`label ${place % 500}`]));
    expect((await plan(many)).labels.groups[0]!.categories).toHaveLength(500);
  });
});

describe('what is planned', () => {
  test('is one step of undo, with the categories it made', async () => {
    const { store, datasetId, plan, now } = library();
    const names = () => store.categories.list(datasetId).map(({ name }) => name);
    const before = names();
    const { labels } = await plan([
      says('a/000.jpg', ['tiger']),
      says('a/001.jpg', ['ocelot']),
      says('a/002.jpg', [], { review: 'unsure' }),
    ]);
    const result = await store.decisions.importLabels(datasetId, labels, 'keep');
    expect(result).toMatchObject({ kind: 'import', changed: 3 });
    expect([0, 1, 2, 3].map(now)).toEqual([['accepted', 'tiger'], ['corrected', 'ocelot'], ['unsure'], ['unreviewed']]);
    expect(await store.decisions.undo(datasetId)).toMatchObject({ kind: 'import', changed: 3 });
    expect([0, 1, 2].map(now)).toEqual([['unreviewed'], ['unreviewed'], ['unreviewed']]);
    expect(names()).toEqual(before);
    await store.decisions.redo(datasetId);
    expect([0, 1, 2].map(now)).toEqual([['accepted', 'tiger'], ['corrected', 'ocelot'], ['unsure']]);
  });

  test('keeps, replaces or joins what was decided otherwise', async () => {
    const { store, datasetId, imageIds, plan, now } = library(true);
    await store.decisions.decide(datasetId, imageIds.slice(0, 1), { kind: 'label-name', name: 'lynx' });
    const { labels } = await plan([says('a/000.jpg', ['tabby']), says('a/001.jpg', ['tabby'])]);
    const after = async (rule: 'keep' | 'replace' | 'add') => {
      await store.decisions.importLabels(datasetId, labels, rule);
      const states = [now(0), now(1)];
      await store.decisions.undo(datasetId);
      return states;
    };
    expect(await after('keep')).toEqual([
      ['corrected', 'lynx'],
      ['corrected', 'tabby'],
    ]);
    expect(await after('replace')).toEqual([
      ['corrected', 'tabby'],
      ['corrected', 'tabby'],
    ]);
    expect(await after('add')).toEqual([
      ['corrected', 'lynx', 'tabby'],
      ['corrected', 'tabby'],
    ]);
    expect(now(0)).toEqual(['corrected', 'lynx']);
  });

  test('does nothing and makes no step when there is nothing to do', async () => {
    const { store, datasetId, imageIds, plan } = library();
    await store.decisions.decide(datasetId, imageIds, { kind: 'accept' });
    const { plan: found, labels } = await plan([says('a/000.jpg', ['tiger'])]);
    expect(found).toMatchObject({ unchanged: 1, fresh: 0, conflicts: 0 });
    await store.decisions.importLabels(datasetId, labels, 'replace');
    expect(await store.decisions.undo(datasetId)).toMatchObject({ kind: 'accept' });
  });
});
