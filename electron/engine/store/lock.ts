/** @file One engine per library: an operating-system lock that dies with its process. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import Sqlite from 'better-sqlite3';
import { AppError } from '#core/errors.ts';

/**
 * Node has no `flock`; an exclusive SQLite transaction on a side file is one that every platform has, and the system
 * releases it even after a kill -9.
 *
 * @throws {AppError} 'store.locked' with `details.pid` of the holder when known
 */
export function lockLibrary(libraryPath: string): Disposable {
  const pidFile = `${libraryPath}.pid`;
  mkdirSync(dirname(libraryPath), { recursive: true, mode: 0o700 });
  const lock = new Sqlite(`${libraryPath}.lock`, { timeout: 0 });
  try {
    lock.pragma('locking_mode = EXCLUSIVE');
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    const pid = readPid(pidFile);
    throw new AppError('store.locked', `The library is in use by process ${pid ?? 'unknown'}`, {
      details: { pid, libraryPath },
      cause,
    });
  }
  writeFileSync(pidFile, String(process.pid));
  return {
    [Symbol.dispose]() {
      lock.close();
    },
  };
}

function readPid(file: string): number | null {
  try {
    return Number(readFileSync(file, 'utf8')) || null;
  } catch {
    return null;
  }
}
