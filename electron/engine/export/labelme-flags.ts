/**
 * @file A JSON file for each picture with a flag for every category, as X-AnyLabeling and labelme keep labels of whole
 * pictures; the pictures lie beside them.
 *
 * Source of the format: X-AnyLabeling's guide on image classification.
 */
import { posix } from 'node:path';
import { isReviewed, type FolderEntry, type FolderExporter } from './exporter.ts';
import { jsonText } from './json-text.ts';
import { labeledPictures, picturePaths } from './pictures.ts';

export const labelmeFlags: FolderExporter = {
  id: 'labelme-flags',
  title: 'X-AnyLabeling and labelme flags',
  extension: '',
  target: 'folder',
  *entries(source, options): Generator<FolderEntry> {
    const pathOf = picturePaths(source);
    const categories = [...source.categories()];
    for (const { row, labels, split } of labeledPictures(source, options)) {
      const path = pathOf(row, split ?? '');
      const has = new Set(labels.map(({ categoryId }) => categoryId));
      const flags = categories.map(({ id, name }) => `${jsonText(name)}:${has.has(id)}`).join(',');
      const imagePath = jsonText(posix.basename(path));
      const text = `{"version":"4.0.0","flags":{${flags}},"shapes":[],"imagePath":${imagePath},"imageData":null,"imageHeight":${row.height},"imageWidth":${row.width},"checked":${isReviewed(row)}}\n`;
      yield { path, picture: row };
      yield { path: path.replace(/(?<=[^/])\.[^./]*$/, '') + '.json', text: [text] };
    }
  },
};
