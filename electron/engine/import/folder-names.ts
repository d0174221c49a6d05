/** @file What lies directly in a folder, also where that is more than its beginning shows. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImportBeginning } from './importer.ts';

/** @param name  of a file, or of a folder with a slash at the end */
export function hasName({ path, names }: Pick<ImportBeginning, 'path' | 'names'>, name: string): boolean {
  return names.includes(name) || existsSync(join(path, name));
}

/** Names of the files in it, sorted. Links are left out. */
export async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .toSorted();
}
