/**
 * @file A folder for each category with its pictures in it, as torchvision's `ImageFolder`, Ultralytics and FiftyOne's
 * classification tree read them; with a split, one level below `train`, `val` and `test`.
 *
 * A picture lies in the folder of its first label; the list of the export has the others. Pictures without a label are
 * left out.
 */
import { posix } from 'node:path';
import type { Breath, FolderEntry, FolderExporter } from './exporter.ts';
import { pictureList } from './picture-list.ts';
import { categoryFolders, placedPictures } from './pictures.ts';
import { safeName } from './safe-name.ts';

/** Of a file, from the name of its category's folder and its own. */
type NameOf = (folder: string, name: string) => string;

function classFolders(format: Pick<FolderExporter, 'id' | 'title'>, nameOf: NameOf): FolderExporter {
  return {
    ...format,
    extension: '',
    target: 'folder',
    absolutePaths: false,
    *entries(source, options): Generator<FolderEntry | Breath> {
      const folders = categoryFolders(source);
      const pictures = yield* placedPictures(source, options, (taken) => {
        const unique = taken();
        return ({ row, labels, split }) => {
          if (labels.length === 0) return null;
          const { folder } = folders.get(labels[0]!.categoryId!)!;
          const name = safeName(posix.basename(row.fileName));
          return unique(`${split === null ? '' : `${split}/`}${folder}/${nameOf(folder, name)}`);
        };
      });
      for (const placed of pictures.first()) yield placed && { path: placed.path, picture: placed.row };
      const written = [...folders.values()].map(({ folder, name }) => [folder, name] as const);
      yield pictureList(format.id, written, pictures.again());
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
