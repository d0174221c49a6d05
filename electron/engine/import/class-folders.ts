/**
 * @file Pictures sorted into folders named after their categories, as torchvision's `ImageFolder`, Ultralytics and
 * FiftyOne's classification tree have them, and as our own export writes them.
 *
 * The category is the first folder; those within it belong to it, as in torchvision and FiftyOne. Where all first
 * folders are called train, val, test or so, the second one is it. `_unlabeled` (FiftyOne) and `no_label` (CVAT) hold
 * pictures without one. Links are not followed.
 */
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { walk } from '../walk.ts';
import { hasPictureList, readPictureList, type PictureList } from './folder-picture-list.ts';
import type { ImportBeginning, ImportEntry, Importer } from './importer.ts';

const splitFolder = /^(?:train|training|val|valid|validation|test|testing|dev)$/i;
const unlabeledFolder = /^(?:_unlabeled|no_label)$/i;
/** What systems and tools put beside the classes. */
const otherFolder = /^(?:\.|__MACOSX$|@eaDir$|\$RECYCLE\.BIN$)/i;

export const classFolders: Importer = {
  id: 'class-folders',
  title: 'Class folders (torchvision, Ultralytics)',
  target: 'folder',
  recognises: (beginning) => sureOfClassFolders(beginning, 'class-folders'),
  read: (beginning) => readClassFolders(beginning, 'class-folders', (_, path) => path),
};

/** Any folder of folders may be one, so another format that is surer comes first. */
export function sureOfClassFolders(beginning: ImportBeginning, format: string): number {
  if (!beginning.isFolder) return 0;
  if (hasPictureList(beginning.path, format)) return 1;
  const folders = classNames(beginning.names);
  if (folders.length === 0) return 0;
  return folders.every((name) => splitFolder.test(name)) || folders.length > 1 ? 0.3 : 0.2;
}

/** @param matchedPath  what to look for, from the folder of the category and the path of the picture */
export async function* readClassFolders(
  { path: root, names }: ImportBeginning,
  format: string,
  matchedPath: (category: string, path: string) => string,
): AsyncGenerator<ImportEntry> {
  const list = await readPictureList(root, format);
  const folders = classNames(names);
  const level = folders.length > 0 && folders.every((name) => splitFolder.test(name)) ? 1 : 0;
  const real = await realpath(root);
  for await (const { files, problems } of walk(real, { roots: [real], visited: new Set() })) {
    for (const { path, message, code } of problems) {
      // Our own export may consist of links; the list says what they stand for.
      const isOwnLink = code === 'file.link-outside' && list.has(path);
      yield isOwnLink ? entry(list, level, path, path) : { invalid: message, file: path, place: path };
    }
    for (const { path } of files) {
      const category = path.split('/')[level]!;
      if (path.split('/').length < level + 2) {
        yield { invalid: 'The picture lies beside the class folders, not in one', file: path, place: path };
      } else {
        yield entry(list, level, path, matchedPath(category, path), join(real, path));
      }
    }
  }
}

function entry(list: PictureList, level: number, path: string, matched: string, picture?: string): ImportEntry {
  const folder = path.split('/')[level]!;
  const categories = unlabeledFolder.test(folder) ? [] : [list.nameOf(folder)];
  const found = list.labels({ path, categories, isWhole: false, place: path, picture });
  return list.has(path) || found.folder !== undefined ? found : { ...found, file: matched };
}

function classNames(names: readonly string[]): string[] {
  return names
    .filter((name) => name.endsWith('/') && !otherFolder.test(name.slice(0, -1)))
    .map((name) => name.slice(0, -1));
}
