/** @file What stands for a chosen folder in front of the paths below it. */
import { basename } from 'node:path';

/**
 * With one folder, nothing: paths are those below it. With several, the folder's own name, made unique with -2, -3, so
 * that equal paths in different folders stay apart.
 *
 * @returns  by folder, with a slash at the end; a folder that is not in it has none
 */
export function prefixOfFolder(folders: readonly string[]): Map<string, string> {
  return folders.length < 2 ? new Map<string, string>() : namesOfFolders(folders);
}

/** Always the folder's own name, made unique, with a slash at the end. */
export function namesOfFolders(folders: readonly string[]): Map<string, string> {
  const prefixes = new Map<string, string>();
  const taken = new Set<string>();
  for (const folder of folders) {
    const base = basename(folder).replaceAll(/[\\/:]/g, '') || 'root';
    let name = base;
    // Compared as file systems of Windows and macOS would: without case, in one Unicode form.
    for (let copy = 2; taken.has(name.normalize('NFC').toLowerCase()); copy++) name = `${base}-${copy}`;
    taken.add(name.normalize('NFC').toLowerCase());
    prefixes.set(folder, `${name}/`);
  }
  return prefixes;
}
