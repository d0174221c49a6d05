/**
 * @file Pascal VOC image sets: for each category and split a list of pictures with 1 or -1, named without extension.
 *
 * Source of the format: the VOC2012 development kit, section 4: 1 is in it, -1 is not, 0 is hard to tell, which counts
 * as not said.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '#core/errors.ts';
import { hasName } from './folder-names.ts';
import { hasPictureList, readPictureList, type PictureList } from './folder-picture-list.ts';
import { picturesIn } from './folder-pictures.ts';
import { textLines } from './folder-text.ts';
import { maxCategories, type ImportEntry, type Importer } from './importer.ts';

const usualSplits = ['trainval', 'train', 'val', 'test'];

export const imageSets: Importer = {
  id: 'image-sets',
  title: 'Pascal VOC image sets',
  target: 'folder',
  recognises(beginning) {
    if (!beginning.isFolder) return 0;
    return hasPictureList(beginning.path, 'image-sets') ? 1 : hasName(beginning, 'ImageSets/Main/') ? 0.9 : 0;
  },
  async *read({ path: root }, options): AsyncGenerator<ImportEntry> {
    const list = await readPictureList(root, 'image-sets');
    const main = join(root, 'ImageSets/Main');
    const sets = setsIn(await readdir(main).catch(() => []));
    if (sets.length === 0) throw new AppError('input.invalid', 'The folder has no lists in ImageSets/Main');
    const found = new Map<string, { categories: number[]; place: string }>();
    const names: string[] = [];
    let bytesBefore = 0;
    for (const { file, category } of sets) {
      const known = category === null ? -1 : names.indexOf(category);
      const index = category !== null && known < 0 ? names.push(category) - 1 : known;
      if (names.length > maxCategories) throw new AppError('input.invalid', `More than ${maxCategories} categories`);
      let bytes = 0;
      const lines = textLines(join(main, file), (read) => {
        bytes = read;
        options.onBytes(bytesBefore + read);
      });
      for await (const { text, number } of lines) {
        const [, stem, flag] = /^\s*(\S+)(?:\s+(-1|0|1))?\s*$/.exec(text) ?? [];
        const place = `${file}, line ${number}`;
        if (stem === undefined || (category !== null && flag === undefined)) {
          yield { invalid: 'The line is not a name with 1, 0 or -1', file: text.slice(0, 512), place };
          continue;
        }
        const picture = found.get(stem) ?? { categories: [], place };
        found.set(stem, picture);
        if (flag === '1' && index >= 0 && !picture.categories.includes(index)) picture.categories.push(index);
      }
      bytesBefore += bytes;
    }
    const paths = await pathsByStem(root, list);
    const pictureAt = picturesIn(root);
    for (const [stem, { categories, place }] of found) {
      const path = paths.get(stem);
      const written = categories.map((index) => list.nameOf(names[index]!));
      yield list.labels({
        path: path ?? `JPEGImages/${stem}`,
        categories: written,
        isWhole: true,
        place,
        ...(path === undefined ? { withoutExtension: true } : { picture: await pictureAt(path) }),
      });
    }
  },
};

/** `<category>_<split>.txt` where `<split>.txt` is one too; those of the splits themselves first. */
function setsIn(files: readonly string[]): { file: string; category: string | null }[] {
  const stems = files.filter((file) => file.endsWith('.txt')).map((file) => file.slice(0, -'.txt'.length));
  const all = new Set(stems);
  const splits = usualSplits.some((split) => all.has(split)) || !stems.some((stem) => stem.includes('_')) ? all : null;
  const sets = stems.map((stem) => {
    for (let at = stem.lastIndexOf('_'); at > 0; at = stem.lastIndexOf('_', at - 1)) {
      const split = stem.slice(at + 1);
      if (splits ? splits.has(split) : usualSplits.includes(split)) {
        return { file: `${stem}.txt`, category: stem.slice(0, at) };
      }
    }
    return { file: `${stem}.txt`, category: null };
  });
  return sets.toSorted(
    (a, b) => Number(a.category !== null) - Number(b.category !== null) || (a.file < b.file ? -1 : 1),
  );
}

async function pathsByStem(root: string, list: PictureList): Promise<Map<string, string>> {
  const paths = [...list.paths()];
  for (const name of await readdir(join(root, 'JPEGImages')).catch(() => [])) paths.push(`JPEGImages/${name}`);
  return new Map(paths.map((path) => [/^JPEGImages\/(.+?)(?:\.[^.]*)?$/s.exec(path)?.[1] ?? path, path]));
}
