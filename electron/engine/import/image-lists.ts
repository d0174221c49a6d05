/**
 * @file Lists of pictures with the numbers of their categories, as PaddleClas and ImageNet scripts have them:
 * `train_list.txt` and so on, with the names of the numbers in `label_list.txt`.
 *
 * The last field of a line is the number, whatever stands before it is the path: blanks in names do no harm. Several
 * fields parted by commas are PaddleClas' flags for several labels, one for each category. Without a list of names a
 * number is its own name. A list alone may be chosen, too: what lies beside it counts all the same.
 */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { AppError } from '#core/errors.ts';
import { filesIn, hasName } from './folder-names.ts';
import { hasPictureList, readPictureList } from './folder-picture-list.ts';
import { picturesIn } from './folder-pictures.ts';
import { textLines } from './folder-text.ts';
import { maxCategories, type ImportEntry, type Importer, type ReadOptions } from './importer.ts';
import { looksLikePicture } from './table-columns.ts';

const labelList = /^(?:label_list|labels|classes|imagenet1k_label_list)\.txt$/i;
const pictureListFile = /^(?!label_list)\w+_list\.txt$/i;
const lastNumber = /^(.*\S)[ \t]+(\d[\d,]*)\s*$/;
const sampleLines = 100;
const plainList = /^(?:train|val|valid|test)\.txt$/i;

export const imageLists: Importer = {
  id: 'image-lists',
  title: 'PaddleClas and ImageNet lists',
  target: 'folder',
  recognises(beginning) {
    const { isFolder, path, names } = beginning;
    if (!isFolder) return 0;
    if (hasPictureList(path, 'image-lists')) return 1;
    if (names.some((name) => pictureListFile.test(name)) || hasName(beginning, 'train_list.txt')) return 0.9;
    return listsOf(names).length > 0 && !hasName(beginning, 'synsets.txt') ? 0.4 : 0;
  },
  async *read({ path: root }, options) {
    const names = await filesIn(root);
    const lists = listsOf(names);
    if (lists.length === 0) throw new AppError('input.invalid', 'The folder has no train_list.txt or other list');
    yield* readLists(root, names, lists, options);
  },
};

/** One of the lists alone, the others are left. */
export const imageList: Importer = {
  id: 'image-list',
  title: 'PaddleClas or ImageNet list',
  target: 'file',
  recognises({ name, path, text }) {
    if (!name.endsWith('.txt') || labelList.test(name) || existsSync(join(dirname(path), 'synsets.txt'))) return 0;
    // The last line of a beginning may be cut.
    const lines = text
      .split(/\r?\n/)
      .slice(0, sampleLines)
      .filter((line) => line.trim() !== '');
    const listed = lines.filter((line) => looksLikePicture(lastNumber.exec(line)?.[1] ?? ''));
    if (listed.length * 2 <= lines.length) return 0;
    // Less than a folder of lists is worth, which has the others, too.
    return pictureListFile.test(name) ? 0.85 : 0.35;
  },
  async *read({ path }, options) {
    const root = dirname(path);
    yield* readLists(root, await filesIn(root), [basename(path)], options);
  },
};

async function* readLists(
  root: string,
  names: readonly string[],
  lists: readonly string[],
  options: ReadOptions,
): AsyncGenerator<ImportEntry> {
  const list = await readPictureList(root, 'image-lists');
  const labelFile = names.find((name) => labelList.test(name));
  const categories = labelFile === undefined ? undefined : await categoriesIn(join(root, labelFile));
  const pictureAt = picturesIn(root);
  const nameOf = (number: number): string | undefined => {
    const changed = list.nameOf(String(number));
    return changed === String(number) ? categories?.get(number) : changed;
  };
  let bytesBefore = 0;
  for (const name of lists) {
    let bytes = 0;
    const lines = textLines(join(root, name), (read) => {
      bytes = read;
      options.onBytes(bytesBefore + read);
    });
    for await (const { text, number: line } of lines) {
      const place = `${name}, line ${line}`;
      const fields = lastNumber.exec(text);
      if (!fields) {
        yield { invalid: 'The line does not end in the number of a category', file: text.slice(0, 512), place };
        continue;
      }
      const path = fields[1]!.replace(/^(?:\.\/)+/, '');
      const numbers = numbersIn(fields[2]!);
      const unknown = categories ? numbers.find((number) => nameOf(number) === undefined) : undefined;
      if (unknown === undefined) {
        const written = numbers.map((number) => nameOf(number) ?? String(number));
        const isWhole = fields[2]!.includes(',');
        const picture = await pictureAt(path.replaceAll('\\', '/'));
        yield list.labels({ path, categories: written, isWhole, place, picture });
      } else {
        yield { invalid: `There is no category ${unknown} in ${labelFile}`, file: path, place };
      }
    }
    bytesBefore += bytes;
  }
}

function listsOf(names: readonly string[]): string[] {
  const lists = names.filter((name) => pictureListFile.test(name));
  return lists.length > 0 ? lists : names.filter((name) => plainList.test(name));
}

/** One number, or one flag for each category. */
function numbersIn(field: string): number[] {
  if (!field.includes(',')) return [Number(field)];
  return field.split(',').flatMap((flag, number) => (flag === '1' ? [number] : []));
}

/** `<number> <name>` in each line; where one lacks the number, lines count from 0. */
async function categoriesIn(path: string): Promise<Map<number, string>> {
  const lines: string[] = [];
  for await (const { text } of textLines(path)) {
    lines.push(text);
    if (lines.length > maxCategories) {
      throw new AppError('input.invalid', `The list of categories has more than ${maxCategories} lines`);
    }
  }
  const numbered = lines.map((text) => /^\s*(\d+)[ \t](.*)$/.exec(text) ?? /^\s*(\d+)()$/.exec(text));
  if (numbered.some((match) => !match)) return new Map(lines.map((text, number) => [number, text.trim()]));
  return new Map(numbered.map((match) => [Number(match![1]), match![2]!.trim()]));
}
