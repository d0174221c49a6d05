/**
 * @file Lists of pictures with the numbers of their categories, as PaddleClas and many ImageNet scripts read them:
 * `train_list.txt`, `val_list.txt`, `test_list.txt` and `label_list.txt` beside a folder of pictures.
 *
 * Source of the format: PaddleClas, `imagenet_dataset.py`: a path, one delimiter, a number. The usual delimiter is a
 * space; where a path has one, all lists are written with a tab instead, which `delimiter: "\t"` tells PaddleClas.
 */
import type { SplitName } from '#core/export-options.ts';
import type { Breath, ExportSource, FolderEntry, FolderExporter } from './exporter.ts';
import { pictureList } from './picture-list.ts';
import { linesOf, picturePaths, placedPictures } from './pictures.ts';

export const imageLists: FolderExporter = {
  id: 'image-lists',
  title: 'PaddleClas and ImageNet lists',
  extension: '',
  target: 'folder',
  absolutePaths: false,
  *entries(source, options): Generator<FolderEntry | Breath> {
    const categories = numberCategories(source);
    const pictures = yield* placedPictures(source, options, (taken) => {
      const pathOf = picturePaths(source, taken);
      return ({ row, labels }) => (labels.length > 0 ? pathOf(row, 'images') : null);
    });
    const lists = new Set<SplitName>();
    let hasSpace = false;
    for (const placed of pictures.first()) {
      if (placed) {
        lists.add(placed.split ?? 'train');
        hasSpace ||= placed.path.includes(' ');
      }
      yield placed && { path: placed.path, picture: placed.row };
    }
    // Readers ask for it even where nothing is labeled.
    if (lists.size === 0) lists.add('train');
    const delimiter = hasSpace ? '\t' : ' ';
    for (const list of lists) {
      const text = linesOf(pictures.again(), ({ path, labels, split }) =>
        (split ?? 'train') === list ? `${path}${delimiter}${categories.get(labels[0]!.categoryId!)!.number}\n` : '',
      );
      yield { path: `${list}_list.txt`, text };
    }
    const all = [...categories.values()];
    // PaddleClas takes everything after the first space for the name.
    yield { path: 'label_list.txt', text: all.map(({ number, line }) => `${number} ${line}\n`) };
    // By number, for two names may be the same on one line.
    const written = all.map(({ number, line, name }) => [line === name ? name : String(number), name] as const);
    yield pictureList('image-lists', written, pictures.again());
  },
};

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
