import { linkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { openDatabase } from '../../../electron/engine/store/database.ts';
import { migrations } from '../../../electron/engine/store/migrations/index.ts';
import { temporaryFolder } from '../../support/library.ts';

const code = (expected: string) => expect.objectContaining({ code: expected });

test('commits reach the disk also after a library is opened again', () => {
  const path = join(temporaryFolder(), 'a.labelwright');
  openDatabase(path).close();
  const db = openDatabase(path);

  expect(db.pragma('synchronous', { simple: true })).toBe(2);
  expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
  expect(db.pragma('foreign_keys', { simple: true })).toBe(1);
  db.close();
});

test('a new library has every migration and the mark of this program', () => {
  const db = openDatabase(':memory:');
  expect(db.pragma('user_version', { simple: true })).toBe(migrations.length);
  expect(db.pragma('application_id', { simple: true })).toBe(0x4c625772);
});

test('a library of a newer version is refused and left as it is', () => {
  const path = join(temporaryFolder(), 'a.labelwright');
  openDatabase(path).close();
  const newer = new Sqlite(path);
  newer.pragma('user_version = 9999');
  newer.close();

  expect(() => openDatabase(path)).toThrow(code('store.from-future'));
  const after = new Sqlite(path);
  expect(after.pragma('user_version', { simple: true })).toBe(9999);
  after.close();
});

test('the database of another program is refused', () => {
  const path = join(temporaryFolder(), 'other.db');
  const other = new Sqlite(path);
  other.exec('CREATE TABLE theirs (x)');
  other.close();

  expect(() => openDatabase(path)).toThrow(code('store.corrupt'));
});

test('a file that is no database is refused', async () => {
  const { writeFileSync, readFileSync } = await import('node:fs');
  const path = join(temporaryFolder(), 'text.labelwright');
  writeFileSync(path, 'not a database, but long enough to be taken for one'.repeat(40));

  expect(() => openDatabase(path)).toThrow(code('store.corrupt'));
  expect(readFileSync(path, 'utf8')).toContain('not a database');
});

test('a library that is a link, or has two names, is refused', () => {
  const folder = temporaryFolder();
  const path = join(folder, 'a.labelwright');
  openDatabase(path).close();
  symlinkSync(path, join(folder, 'soft'));
  expect(() => openDatabase(join(folder, 'soft'))).toThrow(code('store.failed'));
  linkSync(path, join(folder, 'hard'));
  expect(() => openDatabase(path)).toThrow(code('store.failed'));
});
