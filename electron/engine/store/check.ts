/** @file Whether a library is whole. */
import { Worker } from 'node:worker_threads';
import type { Database } from './database.ts';

/** What SQLite finds wrong; empty when all is well. Reads all of the file. */
export function findProblems(db: Database): string[] {
  try {
    const problems = db.pragma('integrity_check(100)') as { integrity_check: string }[];
    const broken = db.pragma('foreign_key_check') as unknown[];
    return [
      ...problems.map((row) => row.integrity_check).filter((text) => text !== 'ok'),
      ...(broken.length ? [`${broken.length} rows point to nothing`] : []),
    ];
  } catch (thrown) {
    // Some damage ends the search for it.
    if ((thrown as { code?: unknown }).code !== 'SQLITE_CORRUPT') throw thrown;
    return [(thrown as Error).message];
  }
}

/**
 * The same in a thread of its own, beside everything else.
 *
 * @param path  of the library's file
 */
export function checkLibrary(path: string): Promise<string[]> {
  const checked = Promise.withResolvers<string[]>();
  const worker = new Worker(workerUrl(), { workerData: path, name: 'check-worker' });
  worker.on('message', checked.resolve);
  worker.on('error', checked.reject);
  worker.on('exit', () => checked.reject(new Error('The check ended without an answer')));
  return checked.promise;
}

/** Beside this file in the sources, beside the engine in the build. */
function workerUrl(): URL {
  return import.meta.url.endsWith('.ts')
    ? new URL('./check-worker.ts', import.meta.url)
    : new URL('./check-worker.mjs', import.meta.url);
}
