import { mkdirSync, writeFileSync } from 'node:fs';
import { hash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { FileLabels } from '../../../electron/core/label-import.ts';
import { openMatcher } from '../../../electron/engine/import/match.ts';
import { lookupSql, pictureLookup } from '../../../electron/engine/store/picture-lookup.ts';
import { openTestStore, temporaryFolder } from '../../support/library.ts';

function library(files: Record<string, string[]>, besides = '/elsewhere') {
  const store = openTestStore();
  const { datasetId } = store.datasets.open(Object.keys(files), 'Photos');
  for (const { id: sourceId, folder } of store.datasets.sources(datasetId)) {
    const seen = files[folder]!.map((path, index) => {
      const name = path.slice(path.lastIndexOf('/') + 1);
      return { file: { sourceId, path, name, sizeBytes: 100 + index, modifiedMs: 1 }, changed: false };
    });
    store.images.see(datasetId, store.datasets.nextScan(datasetId), seen);
  }
  const lookup = pictureLookup(store.db, datasetId);
  const match = openMatcher(lookup, besides);
  const folderOf = new Map(store.datasets.sources(datasetId).map(({ id, folder }) => [id, folder]));
  return {
    store,
    datasetId,
    /** Which picture is meant and how it was found, or how many might be. */
    find: async (file: string, more: Partial<FileLabels> = {}): Promise<string> => {
      const found = await match({
        file,
        categories: ['x'],
        review: null,
        predicted: false,
        score: null,
        place: 'line 1',
        ...more,
      });
      if ('among' in found) return `${found.among.length} possible`;
      return `${found.by} ${folderOf.get(found.picture.sourceId)}/${found.picture.path}`;
    },
  };
}

describe('a path', () => {
  test('relative to the chosen folder, or absolute', async () => {
    const { find } = library({ '/photos': ['a/1.jpg', 'b/1.jpg'] });
    expect(await find('a/1.jpg')).toBe('byPath /photos/a/1.jpg');
    expect(await find('./b/1.jpg')).toBe('byPath /photos/b/1.jpg');
    expect(await find('/photos/b/1.jpg')).toBe('byPath /photos/b/1.jpg');
  });

  test('with other folders before it, as on another machine', async () => {
    const { find } = library({ '/photos': ['a/1.jpg', 'b/1.jpg'] });
    expect(await find('C:\\Users\\me\\photos\\b\\1.jpg')).toBe('byPath /photos/b/1.jpg');
    expect(await find('data/train/a/1.jpg')).toBe('byPath /photos/a/1.jpg');
  });

  test('from where the file of labels lies', async () => {
    const { find } = library({ '/photos': ['a/1.jpg', 'b/1.jpg'] }, '/photos/labels');
    expect(await find('../b/1.jpg')).toBe('byPath /photos/b/1.jpg');
  });

  test('that two folders have is told apart by the folder, or not at all', async () => {
    const { find } = library({ '/one': ['a/1.jpg'], '/two': ['a/1.jpg'] });
    expect(await find('a/1.jpg')).toBe('2 possible');
    expect(await find('a/1.jpg', { folder: '/two' })).toBe('byPath /two/a/1.jpg');
    expect(await find('two/a/1.jpg')).toBe('byPath /two/a/1.jpg');
    expect(await find('one/a/1', { withoutExtension: true })).toBe('byPath /one/a/1.jpg');
  });

  test('written with decomposed letters where the disk has composed ones, and the other way', async () => {
    const { find } = library({ '/photos': ['caf\u00e9/e\u0301.jpg'] });
    expect(await find('cafe\u0301/\u00e9.jpg')).toBe('byName /photos/caf\u00e9/e\u0301.jpg');
    const other = library({ '/photos': ['caf\u00e9.jpg'] });
    expect(await other.find('cafe\u0301.jpg')).toBe('byPath /photos/caf\u00e9.jpg');
  });

  test('with a backslash in the name itself', async () => {
    const { find } = library({ '/photos': ['a\\b.jpg', 'a/b.jpg'] });
    expect(await find('a\\b.jpg')).toBe('byPath /photos/a\\b.jpg');
  });

  test('without its extension', async () => {
    const { find } = library({ '/photos': ['a/1.jpg', 'a/1.2.jpg', 'a/1/2.jpg', 'b/3.png', 'b/3.jpg'] });
    expect(await find('a/1', { withoutExtension: true })).toBe('byPath /photos/a/1.jpg');
    expect(await find('a/1.2', { withoutExtension: true })).toBe('byPath /photos/a/1.2.jpg');
    expect(await find('b/3', { withoutExtension: true })).toBe('2 possible');
    expect(await find('/data/1.2', { withoutExtension: true })).toBe('byName /photos/a/1.2.jpg');
  });

  test('that leads out of everything finds nothing', async () => {
    const { find } = library({ '/photos': ['a/1.jpg'] });
    for (const file of ['../../../../etc/passwd', '/etc/passwd', '', '/', '..', `${'x/'.repeat(5000)}1.jpg`]) {
      expect(await find(file)).toBe('0 possible');
    }
  });
});

describe('a name', () => {
  test('that one picture has', async () => {
    const { find } = library({ '/photos': ['a/b/1.jpg', 'a/2.jpg'] });
    expect(await find('1.jpg')).toBe('byName /photos/a/b/1.jpg');
    expect(await find('upload/1.JPG')).toBe('byName /photos/a/b/1.jpg');
  });

  test('that several have is settled by the folders before it, and by its letters', async () => {
    const { find } = library({ '/photos': ['a/b/1.jpg', 'c/b/1.jpg', 'c/d/1.jpg', 'x/2.JPG', 'y/2.jpg'] });
    expect(await find('d/1.jpg')).toBe('byName /photos/c/d/1.jpg');
    expect(await find('b/1.jpg')).toBe('2 possible');
    expect(await find('2.JPG')).toBe('byName /photos/x/2.JPG');
  });
});

test('a picture that came along is compared: by size where the name fits, by content where it does not', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'cat'));
  const picture = join(folder, 'cat', '1.jpg');
  const bytes = Buffer.alloc(101, 7);
  writeFileSync(picture, bytes);
  const { find, store, datasetId } = library({ '/photos': ['a/1.jpg', 'b/renamed.jpg'] });
  expect(await find('cat/1.jpg', { picture })).toBe('0 possible');
  const [second] = pictureLookup(store.db, datasetId).byPath('b/renamed.jpg');
  store.images.setHash(second!.id, hash('sha256', bytes, 'hex').slice(0, 32));
  expect(await library({ '/photos': ['1.jpg'] }).find('1.jpg', { picture })).toBe('0 possible');
  expect(await find('cat/other.jpg', { picture })).toBe('0 possible');
  const again = openMatcher(pictureLookup(store.db, datasetId), '/elsewhere');
  const labels = { categories: ['x'], review: null, predicted: false, score: null, place: '' };
  const found = await again({ file: 'cat/1.jpg', picture, ...labels });
  expect(found).toMatchObject({ by: 'byContent', picture: { path: 'b/renamed.jpg' } });
});

test('every look at the library uses an index', () => {
  const { db } = openTestStore();
  const plan = (sql: string, ...values: unknown[]) =>
    (db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values) as { detail: string }[])
      .map(({ detail }) => detail)
      .join('\n');
  expect(plan(lookupSql.byPath, 1, 'a')).toContain('images_by_path (dataset_id=? AND path=?)');
  expect(plan(lookupSql.byPathRange, 1, 'a', 'b')).toContain('images_by_path (dataset_id=? AND path>? AND path<?)');
  expect(plan(lookupSql.inSource, 1, 'a')).toContain('(source_id=? AND path=?)');
  for (const sql of [lookupSql.byId, lookupSql.predicted, lookupSql.decided]) {
    expect(plan(sql, 1)).toContain('SEARCH images USING INTEGER PRIMARY KEY');
    expect(plan(sql, 1)).not.toContain('SCAN');
  }
});
