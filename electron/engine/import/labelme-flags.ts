/**
 * @file A JSON file for each picture with a flag for every category, as X-AnyLabeling and labelme keep labels of whole
 * pictures. Each true flag is a category; `checked` is X-AnyLabeling's mark that a person has looked at it.
 *
 * Source of the format: X-AnyLabeling's guide on image classification.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { hasPictureList, readPictureList } from './folder-picture-list.ts';
import { picturesIn } from './folder-pictures.ts';
import type { ImportEntry, Importer } from './importer.ts';

const pictureName = /\.(?:jpe?g|jfif|png|webp|gif|tiff?|avif|hei[cf]|bmp)$/i;
/** labelme may keep the picture itself in the file. */
const largestBytes = 64 * 1024 * 1024;
const depthLimit = 32;

export const labelmeFlags: Importer = {
  id: 'labelme-flags',
  title: 'X-AnyLabeling and labelme flags',
  target: 'folder',
  recognises({ isFolder, path, names }) {
    if (!isFolder) return 0;
    if (hasPictureList(path, 'labelme-flags')) return 1;
    const pictures = new Set(
      names.filter((name) => pictureName.test(name)).map((name) => name.replace(/\.[^.]*$/, '')),
    );
    return names.some((name) => name.endsWith('.json') && pictures.has(name.slice(0, -'.json'.length))) ? 0.8 : 0;
  },
  async *read({ path: root }, options): AsyncGenerator<ImportEntry> {
    const list = await readPictureList(root, 'labelme-flags');
    const pictureAt = picturesIn(root);
    let bytes = 0;
    for await (const { file, problem } of jsonFiles(root)) {
      if (problem !== undefined) {
        yield { invalid: problem, file, place: file };
        continue;
      }
      const { size } = await stat(join(root, file));
      const labels = size > largestBytes ? undefined : flagsIn(await readFile(join(root, file), 'utf8'));
      options.onBytes((bytes += size));
      if (!labels) {
        yield { invalid: 'The file is no labels of X-AnyLabeling or labelme', file, place: file };
        continue;
      }
      const path = posix.join(posix.dirname(file), labels.imagePath);
      const review = labels.isChecked ? 'accepted' : null;
      const { flags: categories } = labels;
      yield list.labels({ path, categories, isWhole: true, place: file, review, picture: await pictureAt(path) });
    }
  },
};

/** Depth first, in name order; links are not followed. */
async function* jsonFiles(root: string): AsyncGenerator<{ file: string; problem?: string }> {
  const stack = [{ folder: '', depth: 0 }];
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { folder, depth } = next;
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch((error: Error) => error.message);
    if (typeof entries === 'string' || depth > depthLimit) {
      yield { file: folder, problem: typeof entries === 'string' ? entries : `Over ${depthLimit} levels of folders` };
      continue;
    }
    const named = entries.filter(({ name }) => !name.startsWith('._')).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of named) {
      if (entry.isFile() && entry.name.toLowerCase().endsWith('.json')) yield { file: folder + entry.name };
    }
    const folders = named.filter((entry) => entry.isDirectory());
    stack.push(...folders.map(({ name }) => ({ folder: `${folder}${name}/`, depth: depth + 1 })).toReversed());
  }
}

/** Read by hand: a category may be called `__proto__`. */
function flagsIn(text: string): { imagePath: string; flags: string[]; isChecked: boolean } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { imagePath, flags, checked } = value as Record<string, unknown>;
  if (typeof imagePath !== 'string' || imagePath === '' || typeof flags !== 'object' || flags === null)
    return undefined;
  return {
    imagePath: imagePath.replaceAll('\\', '/'),
    flags: Object.entries(flags)
      .filter(([, isSet]) => isSet === true)
      .map(([name]) => name),
    isChecked: checked === true,
  };
}
