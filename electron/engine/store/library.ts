/** @file The `library` table: facts of the file itself. */
import type { Database } from './database.ts';
import { newTokenKey } from './tokens.ts';

export function libraryTable(db: Database) {
  const get = db.prepare<[string], { value: string }>(/* sql */ `SELECT value FROM library WHERE key = ?`);
  const set = db.prepare<[string, string]>(/* sql */ `INSERT INTO library (key, value) VALUES (?, ?)`);

  return {
    /** The secret behind thumbnail addresses, made once per library. */
    tokenKey(): string {
      const stored = get.get('token_key')?.value;
      if (stored) return stored;
      const key = newTokenKey();
      set.run('token_key', key);
      return key;
    },
  };
}
