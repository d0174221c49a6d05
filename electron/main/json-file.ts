/** @file A small JSON file that is whole or absent, never half written. */
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Read a JSON file. One that cannot be parsed is put aside as `<path>.damaged-<time>`, for a person to look at.
 *
 * @returns  undefined when there is none, or none that can be read
 */
export function readJsonFile(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    putAside(path);
    return undefined;
  }
}

/** Rename a file that is of no use but may matter to its owner. */
export function putAside(path: string): void {
  try {
    renameSync(path, `${path}.damaged-${new Date().toISOString().replaceAll(':', '-')}`);
  } catch {
    // Then it will be overwritten by the next change.
  }
}

/** Written beside, synced, then renamed over. @throws the file system's error; the old file is untouched then */
export function writeJsonFile(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.new`;
  const file = openSync(temporary, 'w', 0o600);
  try {
    writeFileSync(file, JSON.stringify(value, null, 2) + '\n');
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}
