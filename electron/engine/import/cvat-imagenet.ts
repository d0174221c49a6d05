/**
 * @file CVAT's ImageNet 1.0: class folders whose pictures have the class in front of their names, or, without pictures,
 * `synsets.txt` with the classes and a list for each subset.
 *
 * Source of the format: CVAT's documentation of it; the lists as Datumaro writes them: a name without its extension in
 * quotes where it has blanks, the extension, and the numbers of its classes.
 */
import { opendirSync } from 'node:fs';
import { join } from 'node:path';
import { readClassFolders, sureOfClassFolders } from './class-folders.ts';
import { filesIn, hasName } from './folder-names.ts';
import { hasPictureList } from './folder-picture-list.ts';
import { picturesIn } from './folder-pictures.ts';
import { textLines } from './folder-text.ts';
import type { ImportBeginning, ImportEntry, Importer, ReadOptions } from './importer.ts';

export const cvatImagenet: Importer = {
  id: 'cvat-imagenet',
  title: 'CVAT ImageNet 1.0',
  target: 'folder',
  recognises(beginning) {
    const { isFolder, path, names } = beginning;
    if (!isFolder) return 0;
    if (hasPictureList(path, 'cvat-imagenet')) return 1;
    if (hasName(beginning, 'synsets.txt')) return 0.9;
    const folders = names.filter((name) => name.endsWith('/'));
    return folders.length > 0 && folders.slice(0, 3).every((folder) => hasPrefixedPictures(path, folder))
      ? Math.max(0.5, sureOfClassFolders(beginning, 'cvat-imagenet'))
      : 0;
  },
  read(beginning, options) {
    if (hasName(beginning, 'synsets.txt')) return readLists(beginning, options);
    return readClassFolders(beginning, 'cvat-imagenet', withoutPrefix);
  },
};

async function* readLists({ path: root }: ImportBeginning, options: ReadOptions): AsyncGenerator<ImportEntry> {
  const categories: string[] = [];
  for await (const { text } of textLines(join(root, 'synsets.txt'))) categories.push(text.trim());
  const pictureAt = picturesIn(join(root, 'images'));
  for (const name of await filesIn(root)) {
    if (!name.endsWith('.txt') || name === 'synsets.txt') continue;
    for await (const { text, number } of textLines(join(root, name), (bytes) => options.onBytes(bytes))) {
      const place = `${name}, line ${number}`;
      const [, quoted, plain, listed] = /^(?:"([^"]*"\S*)|(\S+))((?:\s+\d+)*)\s*$/.exec(text) ?? [];
      const file = quoted?.replace('"', '') ?? plain ?? '';
      const numbers = (listed ?? '').trim().split(/\s+/).filter(Boolean).map(Number);
      const unknown = numbers.find((one) => categories[one] === undefined);
      if (!file) yield { invalid: 'The line is not a name with numbers of classes', file: text.slice(0, 512), place };
      else if (unknown !== undefined) yield { invalid: `There is no class ${unknown} in synsets.txt`, file, place };
      else {
        const picture = await pictureAt(file.replaceAll('\\', '/'));
        yield {
          file,
          ...(/\.\w{1,5}$/.test(file) ? {} : { withoutExtension: true }),
          ...(picture === undefined ? {} : { picture }),
          categories: [...new Set(numbers.map((one) => categories[one]!))],
          review: null,
          predicted: false,
          score: null,
          place,
        };
      }
    }
  }
}

function withoutPrefix(category: string, path: string): string {
  const at = path.lastIndexOf('/') + 1;
  const prefix = `${category}_`;
  return path.startsWith(prefix, at) ? path.slice(0, at) + path.slice(at + prefix.length) : path;
}

/** A look at a few names is enough for a guess. */
function hasPrefixedPictures(root: string, folder: string): boolean {
  try {
    using directory = opendirSync(join(root, folder));
    for (let seen = 0; seen < 5; seen++) {
      const entry = directory.readSync();
      if (!entry) return seen > 0;
      if (!entry.name.startsWith(`${folder.slice(0, -1)}_`)) return false;
    }
    return true;
  } catch {
    return false;
  }
}
