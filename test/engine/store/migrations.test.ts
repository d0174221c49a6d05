import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { migrate } from '../../../electron/engine/store/database.ts';
import { migrations } from '../../../electron/engine/store/migrations/index.ts';

/** Every row of every table, as the library holds it. */
function rows(db: Sqlite.Database, tables: readonly string[]): [table: string, rows: object[]][] {
  return tables.map((table) => [table, db.prepare<[], object>(`SELECT * FROM ${table}`).all()]);
}

test('a library of the first schema keeps every row and finds its pictures by their review state', () => {
  const db = new Sqlite(':memory:');
  db.pragma('foreign_keys = ON');
  migrate(db, 1);
  db.exec(`
    INSERT INTO datasets (id, name) VALUES (1, 'Photos');
    INSERT INTO sources (id, dataset_id, folder) VALUES (1, 1, '/photos');
    INSERT INTO categories (id, dataset_id, name) VALUES (1, 1, 'tiger');
    INSERT INTO images (id, dataset_id, source_id, path, name, size_bytes, modified_ms, review, category_id)
      VALUES (1, 1, 1, 'a.jpg', 'a.jpg', 1, 2, 'corrected', 1), (2, 1, 1, 'b.jpg', 'b.jpg', 3, 4, 'unreviewed', NULL);
    INSERT INTO annotations (image_id, category_id, source, sequence) VALUES (1, 1, 'person', 1);
    INSERT INTO decisions (sequence, dataset_id, kind, category, decided_ms) VALUES (1, 1, 'label', 'tiger', 5);
    INSERT INTO decision_images VALUES (1, 1, 'unreviewed', 'corrected', '[]', '[[1,"person"]]');
  `);
  const tables = db.prepare<[], string>(`SELECT name FROM sqlite_schema WHERE type = 'table'`).pluck().all();
  const before = rows(db, tables);
  migrate(db);

  expect(db.pragma('user_version', { simple: true })).toBe(migrations.length);
  // Later schemas add columns and leave those there were alone.
  expect(rows(db, tables)).toMatchObject(before);
  const reviewed = db.prepare(
    `SELECT id FROM images INDEXED BY images_by_review WHERE dataset_id = 1 AND review = 'corrected'`,
  );
  expect(reviewed.pluck().all()).toEqual([1]);
  expect(db.prepare(`SELECT count(*) FROM unfinished_steps`).pluck().get()).toBe(0);
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
});

test('the paths of an earlier library can be searched, and follow when pictures move or go', () => {
  const db = new Sqlite(':memory:');
  migrate(db, 2);
  db.exec(`
    INSERT INTO datasets (id, name) VALUES (1, 'Photos');
    INSERT INTO sources (id, dataset_id, folder) VALUES (1, 1, '/photos');
    INSERT INTO images (id, dataset_id, source_id, path, name, size_bytes, modified_ms)
      VALUES (1, 1, 1, 'sea/a.jpg', 'a.jpg', 1, 2), (2, 1, 1, 'hill/b.jpg', 'b.jpg', 3, 4);
  `);
  const before = db.prepare(`SELECT * FROM images`).all();
  migrate(db);
  const found = db.prepare<[string], number>(`SELECT rowid FROM image_paths WHERE image_paths MATCH ?`).pluck();

  expect(db.prepare(`SELECT * FROM images`).all()).toMatchObject(before);
  expect(found.all('"SEA"')).toEqual([1]);
  db.exec(`UPDATE images SET path = 'hill/a.jpg' WHERE id = 1`);
  expect(found.all('"sea"')).toEqual([]);
  expect(found.all('"hil"')).toEqual([1, 2]);
  db.exec(`DELETE FROM images WHERE id = 2`);
  expect(found.all('"hil"')).toEqual([1]);
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
});

test('a library written before a person could be unsure takes that and refuses other words, as before', () => {
  const db = new Sqlite(':memory:');
  db.pragma('foreign_keys = ON');
  migrate(db, 3);
  db.exec(`
    INSERT INTO datasets (id, name) VALUES (1, 'Photos');
    INSERT INTO sources (id, dataset_id, folder) VALUES (1, 1, '/photos');
    INSERT INTO categories (id, dataset_id, name, supercategory) VALUES (1, 1, 'tiger', 'animal'), (2, 1, 'mine', '');
    INSERT INTO images (id, dataset_id, source_id, path, name, size_bytes, modified_ms, review, category_id)
      VALUES (1, 1, 1, 'a.jpg', 'a.jpg', 1, 2, 'accepted', 1);
    INSERT INTO annotations (image_id, category_id, source, sequence) VALUES (1, 1, 'person', 1);
  `);
  expect(() => db.exec(`UPDATE images SET review = 'unsure'`)).toThrow(/CHECK/);
  migrate(db);

  expect(db.prepare(`SELECT name, label, removed FROM categories ORDER BY id`).all()).toEqual([
    { name: 'tiger', label: 'tiger', removed: 0 },
    { name: 'mine', label: null, removed: 0 },
  ]);
  expect(db.prepare(`SELECT place FROM annotations`).pluck().all()).toEqual([0]);
  db.exec(`UPDATE images SET review = 'unsure'`);
  expect(() => db.exec(`UPDATE images SET review = 'perhaps'`)).toThrow(/CHECK/);
  expect(db.prepare(`SELECT review FROM image_counts WHERE n > 0`).pluck().all()).toEqual(['unsure']);
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
});

test('of pictures decided before, what the model said is what was shown, not what a head learned from the decision', () => {
  const db = new Sqlite(':memory:');
  db.pragma('foreign_keys = ON');
  migrate(db, 4);
  db.exec(`
    INSERT INTO datasets (id, name) VALUES (1, 'Photos');
    INSERT INTO sources (id, dataset_id, folder) VALUES (1, 1, '/photos');
    INSERT INTO categories (id, dataset_id, name) VALUES (1, 1, 'tiger'), (2, 1, 'tabby');
    INSERT INTO models (id, name, title, sha256) VALUES (1, 'cats', 'Cats', 'a'), (2, 'head', 'Head', 'b');
    INSERT INTO runs (id, dataset_id, model_id, top_k, settings, state, started_ms, is_head)
      VALUES (1, 1, 1, 1, '{}', 'finished', 1, 0), (2, 1, 2, 1, '{}', 'finished', 1, 1);
    INSERT INTO images (id, dataset_id, source_id, path, name, size_bytes, modified_ms, review, run_id, head_run_id,
      category_id, top_category_id, top_score)
      VALUES (1, 1, 1, 'a.jpg', 'a.jpg', 1, 2, 'corrected', 1, 2, 2, 2, 0.99),
        (2, 1, 1, 'b.jpg', 'b.jpg', 3, 4, 'unreviewed', 1, NULL, 1, 1, 0.4),
        (3, 1, 1, 'c.jpg', 'c.jpg', 3, 4, 'accepted', NULL, NULL, 1, NULL, NULL);
    INSERT INTO predictions (run_id, image_id, rank, category_id, score) VALUES (1, 1, 1, 1, 0.5), (2, 1, 1, 2, 0.99), (1, 2, 1, 1, 0.4);
  `);
  migrate(db);

  expect(db.prepare(`SELECT shown_category_id, shown_score FROM images ORDER BY id`).raw().all()).toEqual([
    [1, 0.5],
    [null, null],
    [null, null],
  ]);
});
