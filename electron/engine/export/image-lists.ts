/**
 * @file Lists of pictures with the numbers of their categories, as PaddleClas and many ImageNet scripts read them:
 * `train_list.txt`, `val_list.txt`, `test_list.txt` and `label_list.txt` beside a folder of pictures.
 *
 * Source of the format: PaddleClas, `imagenet_dataset.py`: a path, one delimiter, a number. The usual delimiter is a
 * space; where a path has one, all lists are written with a tab instead, which `delimiter: "\t"` tells PaddleClas.
 */
import type { ExportOptions, SplitName } from '#core/export-options.ts';
import type { ExportSource, FolderEntry, FolderExporter, RowChoice } from './exporter.ts';
import { pictureList, type PlacedPicture } from './picture-list.ts';
import { labeledPictures, picturePaths } from './pictures.ts';

export const imageLists: FolderExporter = {
  id: 'image-lists',
  title: 'PaddleClas and ImageNet lists',
  extension: '',
  target: 'folder',
  absolutePaths: false,
  *entries(source, options): Generator<FolderEntry> {
    const categories = numberCategories(source);
    const lists = new Map<SplitName, [path: string, category: number][]>();
    let hasSpace = false;
    for (const { path, row, labels, split } of placed(source, options)) {
      const list = lists.get(split ?? 'train') ?? [];
      lists.set(split ?? 'train', list);
      list.push([path, categories.get(labels[0]!.categoryId!)!.number]);
      hasSpace ||= path.includes(' ');
      yield { path, picture: row };
    }
    // Readers ask for it even where nothing is labeled.
    if (lists.size === 0) lists.set('train', []);
    const delimiter = hasSpace ? '\t' : ' ';
    for (const [split, list] of lists) {
      yield { path: `${split}_list.txt`, text: lines(list, delimiter) };
    }
    const all = [...categories.values()];
    // PaddleClas takes everything after the first space for the name.
    yield { path: 'label_list.txt', text: all.map(({ number, line }) => `${number} ${line}\n`) };
    // By number, for two names may be the same on one line.
    const written = all.map(({ number, line, name }) => [line === name ? name : String(number), name] as const);
    yield pictureList('image-lists', written, placed(source, options, { ahead: true }));
  },
};

function* lines(list: readonly [path: string, category: number][], delimiter: string): Generator<string> {
  for (const [path, category] of list) yield `${path}${delimiter}${category}\n`;
}

function* placed(source: ExportSource, options: ExportOptions, choice?: RowChoice): Generator<PlacedPicture> {
  const pathOf = picturePaths(source);
  for (const picture of labeledPictures(source, options, choice)) {
    if (picture.labels.length > 0) yield { ...picture, path: pathOf(picture.row, 'images') };
    else source.leaveOut(picture.row, 'It has no label');
  }
}

/** In the order of the library; a name on one line, without blanks around it, which readers drop. */
function numberCategories(source: ExportSource) {
  const categories = new Map<number, { number: number; line: string; name: string }>();
  for (const { id, name } of source.categories()) {
    const line = name
      .toWellFormed()
      .replaceAll(/[\r\n]+/g, ' ')
      .trim();
    categories.set(id, { number: categories.size, line, name });
  }
  return categories;
}
