/**
 * @file A folder for each category with its pictures in it, as torchvision's `ImageFolder`, Ultralytics and FiftyOne's
 * classification tree read them; with a split, one level below `train`, `val` and `test`.
 *
 * A picture lies in the folder of its first label. `labelwright.csv` says which file was which picture, for names may
 * have changed. Pictures without a label are left out.
 */
import { posix } from 'node:path';
import { csvRecord } from '#core/csv.ts';
import type { FolderEntry, FolderExporter } from './exporter.ts';
import { categoryFolders, labeledPictures } from './pictures.ts';
import { safeName, takenNames } from './safe-name.ts';

/** @param nameOf  of a file, from the name of its category's folder and its own */
function classFolders(
  format: Pick<FolderExporter, 'id' | 'title'>,
  nameOf: (folder: string, name: string) => string,
): FolderExporter {
  return {
    ...format,
    extension: '',
    target: 'folder',
    *entries(source, options): Generator<FolderEntry> {
      const folders = categoryFolders(source);
      const unique = takenNames();
      const list = [csvRecord(['file', 'file_name', 'source', 'label', 'labels'], 'data')];
      for (const { row, labels, split } of labeledPictures(source, options)) {
        const first = labels[0];
        if (!first) {
          source.leaveOut(row, 'It has no label');
          continue;
        }
        const folder = folders.get(first.categoryId!)!;
        const name = safeName(posix.basename(row.fileName));
        const path = unique([split, folder, nameOf(folder, name)].filter((part) => part !== null).join('/'));
        list.push(
          csvRecord([path, row.fileName, row.source, first.label, labels.map(({ label }) => label).join('|')], 'data'),
        );
        yield { path, picture: row };
      }
      yield { path: 'labelwright.csv', text: list };
    },
  };
}

export const imageFolders = classFolders(
  { id: 'class-folders', title: 'Class folders (torchvision, Ultralytics)' },
  (_, name) => name,
);

/** CVAT's ImageNet 1.0: the category stands in front of each file's name. Source: CVAT's documentation of the format. */
export const cvatImagenet = classFolders(
  { id: 'cvat-imagenet', title: 'CVAT ImageNet 1.0' },
  (folder, name) => `${folder}_${name}`,
);
