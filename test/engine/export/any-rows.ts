/** @file Arbitrary datasets for fast-check. */
import fc from 'fast-check';
import type { ExportRow } from '#core/export-options.ts';
import { categories, row } from './source.ts';

/** What people and cameras call things, and what breaks parsers. */
const awkwardText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc
    .array(
      fc.constantFrom(
        ',',
        '"',
        '\r',
        '\n',
        '\r\n',
        '=',
        '+',
        '-',
        '@',
        '＝',
        "'",
        ' ',
        '\t',
        ';',
        '🌷',
        'e\u0301',
        '\u00e9',
        '\ud800',
        '\0',
        'a',
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join('')),
);

/** Rows in the order a library gives them: by image, then rank, a row without label where there is none. */
export const anyRows = fc
  .array(
    fc.record({
      fileName: awkwardText,
      source: fc.constantFrom('/a/photos', '/b/photos', '/c/Photos'),
      size: fc.option(
        fc.record({ width: fc.integer({ min: 1, max: 9999 }), height: fc.integer({ min: 1, max: 9999 }) }),
      ),
      labels: fc.array(
        fc.record({ category: fc.nat({ max: 1 }), score: fc.option(fc.double({ min: 0, max: 1, noNaN: true })) }),
        {
          maxLength: 3,
        },
      ),
    }),
    { maxLength: 8 },
  )
  .map((images) =>
    images.flatMap(({ fileName, source, size, labels }, index): ExportRow[] => {
      const image = row({
        imageId: index * 3 + 1,
        fileName,
        source,
        width: size?.width ?? null,
        height: size?.height ?? null,
      });
      if (labels.length === 0) return [image];
      return labels.map(({ category, score }, rank) => ({
        ...image,
        categoryId: categories[category]!.id,
        label: categories[category]!.name,
        score,
        rank: rank + 1,
        origin: score === null ? 'decision' : 'prediction',
      }));
    }),
  );

/** What a text becomes on its way through UTF-8. */
export function carried(text: string): string {
  return text.toWellFormed();
}
