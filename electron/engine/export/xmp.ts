/** @file Keywords for photo programs, in sidecars beside the photos or inside them. */
import type { ExportOptions } from '#core/export-options.ts';
import { fieldsOf, problemOf, type Fields } from '../keywords/words.ts';
import type { ExportCategory, ExportSource, PhotosExporter } from './exporter.ts';
import { labeledPictures } from './pictures.ts';

export const xmp: PhotosExporter = {
  id: 'xmp',
  title: 'Keywords (XMP)',
  extension: '',
  target: 'photos',
  absolutePaths: false,

  preview(source: ExportSource, options: ExportOptions): string {
    const paths = keywordPaths(source.categories());
    const where = options.keywords?.where ?? 'sidecar';
    let text = '';
    for (const { row, labels } of labeledPictures(source)) {
      if (labels.length === 0) continue;
      const name = where === 'sidecar-lightroom' ? row.fileName.replace(/\.[^./]+$/, '') : row.fileName;
      const fields = keywordFields(
        labels.map(({ categoryId }) => categoryId!),
        paths,
      );
      const words = typeof fields === 'string' ? `left out: ${fields}` : fields.digikam.join(', ');
      text += `${name}${where === 'inside' ? '' : '.xmp'}: ${words}\n`;
    }
    return text;
  },
};

/** The words from the top of the tree down to each category. */
export function keywordPaths(categories: Iterable<ExportCategory>): Map<number, string[]> {
  return new Map(
    [...categories].map(({ id, name, supercategory }) => [id, [...supercategory.split('/').filter(Boolean), name]]),
  );
}

/** @returns one plain sentence where a word cannot be told to photo programs */
export function keywordFields(
  categoryIds: readonly number[],
  paths: ReadonlyMap<number, readonly string[]>,
): Fields | string {
  const chosen = categoryIds.flatMap((id) => {
    const path = paths.get(id);
    return path ? [path] : [];
  });
  for (const word of chosen.flat()) {
    const problem = problemOf(word);
    if (problem) return `The category ${word} ${problem}`;
  }
  return fieldsOf(chosen);
}
