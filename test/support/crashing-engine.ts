/**
 * @file The real engine, except that it dies like a crashed decoder whenever a picture named 'killer.jpg' is under way.
 * An entry file for the host, in place of `electron/engine/index.ts`.
 */
import Sqlite from 'better-sqlite3';

const libraryPath = process.argv[process.argv.indexOf('--library') + 1]!;
const library = new Sqlite(libraryPath);
library.pragma('busy_timeout = 5000');

setInterval(() => {
  const known = library.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'in_flight'`).get();
  if (!known) return;
  const underWay = library.prepare(
    `SELECT 1 FROM in_flight JOIN images ON images.id = image_id WHERE active = 1 AND name = 'killer.jpg'`,
  );
  if (underWay.get()) process.kill(process.pid, 'SIGSEGV');
}, 1);

await import('../../electron/engine/index.ts');
