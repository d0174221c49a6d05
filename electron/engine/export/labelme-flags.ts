/**
 * @file A JSON file for each picture with a flag for every category, as X-AnyLabeling and labelme keep labels of whole
 * pictures; the pictures lie beside them. `checked` is X-AnyLabeling's mark that a person has looked at it.
 *
 * Source of the format: X-AnyLabeling's guide on image classification.
 */
import { posix } from 'node:path';
import type { ExportOptions } from '#core/export-options.ts';
import { isReviewed, type ExportSource, type FolderEntry, type FolderExporter, type RowChoice } from './exporter.ts';
import { jsonText } from './json-text.ts';
import { pictureList, type PlacedPicture } from './picture-list.ts';
import { labeledPictures, picturePaths } from './pictures.ts';
import { takenNames } from './safe-name.ts';

export const labelmeFlags: FolderExporter = {
  id: 'labelme-flags',
  title: 'X-AnyLabeling and labelme flags',
  extension: '',
  target: 'folder',
  absolutePaths: false,
  *entries(source, options): Generator<FolderEntry> {
    const categories = [...source.categories()];
    for (const { path, row, labels } of placed(source, options)) {
      const has = new Set(labels.map(({ categoryId }) => categoryId));
      const flags = categories.map(({ id, name }) => `${jsonText(name)}:${has.has(id)}`).join(',');
      const imagePath = jsonText(posix.basename(path));
      const text = `{"version":"4.0.0","flags":{${flags}},"shapes":[],"imagePath":${imagePath},"imageData":null,"imageHeight":${row.height},"imageWidth":${row.width},"checked":${isReviewed(row)}}\n`;
      yield { path, picture: row };
      yield { path: `${withoutExtension(path)}.json`, text: [text] };
    }
    yield pictureList('labelme-flags', [], placed(source, options, { ahead: true }));
  },
};

/** Both tools look for the labels of a picture under its name without the extension, so names differ in more than that. */
function* placed(source: ExportSource, options: ExportOptions, choice?: RowChoice): Generator<PlacedPicture> {
  const pathOf = picturePaths(source);
  const unique = takenNames();
  for (const picture of labeledPictures(source, options, choice)) {
    const path = pathOf(picture.row, picture.split ?? '');
    const stem = withoutExtension(path);
    const own = unique(`${stem}.json`).slice(0, -'.json'.length);
    yield { ...picture, path: own + path.slice(stem.length) };
  }
}

function withoutExtension(path: string): string {
  return path.replace(/(?<=[^/])\.[^./]*$/, '');
}
