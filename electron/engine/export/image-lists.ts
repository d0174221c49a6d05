/**
 * @file Lists of pictures with the numbers of their categories, as PaddleClas and many ImageNet scripts read them:
 * `train_list.txt`, `val_list.txt`, `test_list.txt` and `label_list.txt` beside a folder of pictures.
 *
 * Source of the format: PaddleClas, `imagenet_dataset.py`: a path, one delimiter, a number. The usual delimiter is a
 * space; where a path has one, all lists are written with a tab instead, which `delimiter: "\t"` tells PaddleClas.
 */
import type { ExportOptions, ExportRow, SplitName } from '#core/export-options.ts';
import type { ExportSource, FolderEntry, FolderExporter } from './exporter.ts';
import { labeledPictures, picturePaths } from './pictures.ts';

export const imageLists: FolderExporter = {
  id: 'image-lists',
  title: 'PaddleClas and ImageNet lists',
  extension: '',
  target: 'folder',
  *entries(source, options): Generator<FolderEntry> {
    const { numbers, names } = numberCategories(source);
    const lists = new Map<SplitName, [path: string, category: number][]>();
    for (const { path, row, category, split } of listed(source, options, numbers)) {
      const list = lists.get(split) ?? [];
      lists.set(split, list);
      list.push([path, category]);
      yield { path, picture: row };
    }
    const hasSpace = [...lists.values()].some((list) => list.some(([path]) => path.includes(' ')));
    const delimiter = hasSpace ? '\t' : ' ';
    for (const [split, list] of lists) {
      yield { path: `${split}_list.txt`, text: list.map(([path, category]) => `${path}${delimiter}${category}\n`) };
    }
    // PaddleClas takes everything after the first space for the name.
    yield { path: 'label_list.txt', text: names.map((name, number) => `${number} ${name}\n`) };
  },
};

function* listed(source: ExportSource, options: ExportOptions, numbers: ReadonlyMap<number, number>) {
  const pathOf = picturePaths(source);
  for (const { row, labels, split } of labeledPictures(source, options)) {
    const first: ExportRow | undefined = labels[0];
    if (!first) {
      source.leaveOut(row, 'It has no label');
      continue;
    }
    const category = numbers.get(first.categoryId!)!;
    yield { path: pathOf(row, 'images'), row, category, split: split ?? ('train' as const) };
  }
}

/** In the order of the library; a name on one line. */
function numberCategories(source: ExportSource) {
  const numbers = new Map<number, number>();
  const names: string[] = [];
  for (const { id, name } of source.categories()) {
    numbers.set(id, names.length);
    names.push(name.toWellFormed().replaceAll(/[\r\n]+/g, ' '));
  }
  return { numbers, names };
}
