/**
 * @file A folder for each category with its pictures in it, as torchvision's `ImageFolder`, Ultralytics and FiftyOne's
 * classification tree read them; with a split, one level below `train`, `val` and `test`.
 *
 * A picture lies in the folder of its first label; the list of the export has the others. Pictures without a label are
 * left out.
 */
import { posix } from 'node:path';
import type { ExportOptions } from '#core/export-options.ts';
import type { ExportSource, FolderEntry, FolderExporter, RowChoice } from './exporter.ts';
import { pictureList, type PlacedPicture } from './picture-list.ts';
import { categoryFolders, labeledPictures } from './pictures.ts';
import { safeName, takenNames } from './safe-name.ts';

/** Of a file, from the name of its category's folder and its own. */
type NameOf = (folder: string, name: string) => string;

function classFolders(format: Pick<FolderExporter, 'id' | 'title'>, nameOf: NameOf): FolderExporter {
  return {
    ...format,
    extension: '',
    target: 'folder',
    absolutePaths: false,
    *entries(source, options): Generator<FolderEntry> {
      const folders = categoryFolders(source);
      const names = new Map([...folders].map(([id, { folder }]) => [id, folder]));
      for (const { path, row } of placed(source, options, names, nameOf)) yield { path, picture: row };
      const written = [...folders.values()].map(({ folder, name }) => [folder, name] as const);
      yield pictureList(format.id, written, placed(source, options, names, nameOf, { ahead: true }));
    },
  };
}

function* placed(
  source: ExportSource,
  options: ExportOptions,
  folders: ReadonlyMap<number, string>,
  nameOf: NameOf,
  choice?: RowChoice,
): Generator<PlacedPicture> {
  const unique = takenNames();
  for (const picture of labeledPictures(source, options, choice)) {
    const { row, labels, split } = picture;
    const first = labels[0];
    if (!first) {
      source.leaveOut(row, 'It has no label');
      continue;
    }
    const folder = folders.get(first.categoryId!)!;
    const name = safeName(posix.basename(row.fileName));
    const path = unique([split, folder, nameOf(folder, name)].filter((part) => part !== null).join('/'));
    yield { ...picture, path };
  }
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
