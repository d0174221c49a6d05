/** @file The thread that checks a library: a large one takes longer than the engine may be silent. */
import { parentPort, workerData } from 'node:worker_threads';
import { findProblems } from './check.ts';
import { openReader } from './database.ts';

const db = openReader(workerData as string);
try {
  parentPort!.postMessage(findProblems(db));
} finally {
  db.close();
}
