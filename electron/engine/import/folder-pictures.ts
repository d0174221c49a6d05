/** @file Pictures that lie in a folder beside their labels, where no name in the labels leads out of it. */
import { lstat, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, sep } from 'node:path';

/**
 * @param root  absolute
 * @returns     for a path below it, where the picture lies, absolute; undefined if it is not there, is a link or lies
 *   outside
 */
export function picturesIn(root: string): (path: string) => Promise<string | undefined> {
  // Whether a folder is really inside, for many pictures lie in the same one.
  const inside = new Map<string, Promise<boolean>>();
  const realRoot = realpath(root).catch(() => undefined);

  async function isInside(folder: string): Promise<boolean> {
    const [real, home] = await Promise.all([realpath(folder).catch(() => ''), realRoot]);
    if (home === undefined) return false;
    return real === home || real.startsWith(home.endsWith(sep) ? home : home + sep);
  }

  return async (path) => {
    if (path.includes('\0') || isAbsolute(path) || path.split('/').includes('..')) return undefined;
    const full = join(root, path);
    const folder = dirname(full);
    const known = inside.get(folder) ?? isInside(folder);
    inside.set(folder, known);
    if (!(await known)) return undefined;
    const stats = await lstat(full).catch(() => undefined);
    return stats?.isFile() ? full : undefined;
  };
}
