/**
 * @file A JSON file for each picture with a flag for every category, as X-AnyLabeling and labelme keep labels of whole
 * pictures; the pictures lie beside them. `checked` is X-AnyLabeling's mark that a person has looked at it.
 *
 * Source of the format: X-AnyLabeling's guide on image classification.
 */
import { posix } from 'node:path';
import { isReviewed, type Breath, type FolderEntry, type FolderExporter } from './exporter.ts';
import { jsonText } from './json-text.ts';
import { pictureList } from './picture-list.ts';
import { picturePaths, placedPictures } from './pictures.ts';

export const labelmeFlags: FolderExporter = {
  id: 'labelme-flags',
  title: 'X-AnyLabeling and labelme flags',
  extension: '',
  target: 'folder',
  absolutePaths: false,
  *entries(source, options): Generator<FolderEntry | Breath> {
    const categories = [...source.categories()];
    const pictures = yield* placedPictures(source, options, (taken) => {
      const pathOf = picturePaths(source, taken);
      // Both tools look for the labels of a picture under its name without the extension, so names differ in more.
      const unique = taken();
      return ({ row, split }) => {
        const path = pathOf(row, split ?? '');
        const stem = withoutExtension(path);
        return unique(`${stem}.json`).slice(0, -'.json'.length) + path.slice(stem.length);
      };
    });
    for (const placed of pictures.first()) {
      if (!placed) continue;
      const { path, row, labels } = placed;
      const has = new Set(labels.map(({ categoryId }) => categoryId));
      const flags = categories.map(({ id, name }) => `${jsonText(name)}:${has.has(id)}`).join(',');
      const imagePath = jsonText(posix.basename(path));
      const text = `{"version":"4.0.0","flags":{${flags}},"shapes":[],"imagePath":${imagePath},"imageData":null,"imageHeight":${row.height},"imageWidth":${row.width},"checked":${isReviewed(row)}}\n`;
      yield { path, picture: row };
      yield { path: `${withoutExtension(path)}.json`, text: [text] };
    }
    yield pictureList('labelme-flags', [], pictures.again());
  },
};

function withoutExtension(path: string): string {
  return path.replace(/(?<=[^/])\.[^./]*$/, '');
}
