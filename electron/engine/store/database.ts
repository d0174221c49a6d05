/** @file Open the SQLite file of a library and bring its schema up to date. */
import { existsSync, lstatSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite from 'better-sqlite3';
import { AppError } from '#core/errors.ts';
import { migrations } from './migrations/index.ts';

export type Database = Sqlite.Database;

/** 'LbWr' in the file header, so that no other program's database is taken for a library. */
const applicationId = 0x4c625772;

/**
 * @param path  absolute file path, or ':memory:' in tests
 * @throws {AppError} 'store.from-future' if a newer version wrote the file; 'store.corrupt' if it is not a library
 *   or damaged; 'store.failed' if it cannot be made
 */
export function openDatabase(path: string): Database {
  if (path !== ':memory:') {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // Two names for one SQLite file end in two journals and a damaged file.
    if (existsSync(path) && (lstatSync(path).isSymbolicLink() || lstatSync(path).nlink > 1)) {
      throw new AppError('store.failed', `${path} is a link; a library must be a file of its own`);
    }
  }
  let db: Database | undefined;
  try {
    db = new Sqlite(path);
    configure(db);
    const existing = db.pragma('application_id', { simple: true }) as number;
    const tables = db.prepare(`SELECT count(*) FROM sqlite_schema`).pluck().get() as number;
    if (tables > 0 && existing !== applicationId) {
      throw new AppError('store.corrupt', `${path} is a database of another program`);
    }
    if (existing !== applicationId) db.pragma(`application_id = ${applicationId}`);
    migrate(db);
    return db;
  } catch (thrown) {
    db?.close();
    throw asStoreError(thrown, path);
  }
}

/** A second connection that only reads, for a consistent snapshot while the first goes on writing. */
export function openReader(path: string): Database {
  const db = new Sqlite(path, { readonly: true });
  db.pragma('busy_timeout = 5000');
  return db;
}

function configure(db: Database): void {
  db.pragma('busy_timeout = 5000');
  db.pragma('trusted_schema = OFF');
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL'); // a re-opened WAL file would fall back to NORMAL
  db.pragma('foreign_keys = ON');
  db.pragma('cache_size = -32000');
}

/** Each migration and its version bump commit together; a failure stops the start-up and changes nothing. */
export function migrate(db: Database, target = migrations.length): void {
  const current = db.pragma('user_version', { simple: true }) as number;
  if (current > migrations.length) {
    throw new AppError('store.from-future', 'This library was written by a newer version', {
      details: { current, supported: migrations.length },
    });
  }
  // Some change the text of the schema itself, which SQLite's guard against careless programs forbids.
  db.unsafeMode(true);
  try {
    for (let version = current + 1; version <= target; version++) {
      db.transaction(() => {
        db.exec(migrations[version - 1]!);
        db.pragma(`user_version = ${version}`);
      })();
    }
  } finally {
    db.unsafeMode(false);
  }
}

/** SQLite's own error codes as ours. */
export function asStoreError(thrown: unknown, path: string): AppError {
  if (thrown instanceof AppError) return thrown;
  const code = (thrown as { code?: unknown }).code;
  const sqlite = typeof code === 'string' ? code : '';
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (sqlite.startsWith('SQLITE_CORRUPT') || sqlite === 'SQLITE_NOTADB') {
    return new AppError('store.corrupt', `${path} is damaged or not a library`, { cause: thrown, details: { sqlite } });
  }
  if (sqlite === 'SQLITE_FULL') return new AppError('disk.full', `No space left for ${path}`, { cause: thrown });
  if (sqlite.startsWith('SQLITE_BUSY')) {
    return new AppError('store.locked', `${path} is in use by another program`, { cause: thrown });
  }
  return new AppError('store.failed', `${path}: ${message}`, { cause: thrown, details: { sqlite } });
}
