/**
 * @file COCO JSON for labels of whole pictures: each annotation is a box around all of it.
 *
 * What readers need: pycocotools reads `annotations` whenever there are `categories`, and filters by `area`,
 * `iscrowd` and `supercategory`; FiftyOne divides each box by the picture's width and height. So all of these are
 * always there, and pictures whose size is unknown (never decoded) stay out of `images`: they are listed, with their
 * labels, under `images_without_size`, a key both readers ignore. Nothing here depends on the date, so equal labels
 * give equal files.
 */
import { basename } from 'node:path';
import { AppError } from '#core/errors.ts';
import type { ExportRow } from '#core/export-options.ts';
import type { Exporter, ExportSource } from './exporter.ts';

export const coco: Exporter = {
  id: 'coco',
  title: 'COCO JSON',
  extension: 'json',
  *write(source) {
    const numberOf = new Map<number, number>();
    const prefixes = prefixOfFolder(source.folders);
    const fileName = (row: ExportRow) => (prefixes.get(row.source) ?? '') + row.fileName;
    let withoutSize = 0;

    yield `{\n"info": ${json({ description: source.datasetName, version: '1.0', contributor: 'Labelwright' })},\n`;
    yield '"licenses": [],\n';
    yield* list('categories', categories(source, numberOf), ',');
    yield* list('images', images(), ',');
    yield* list('annotations', annotations(), withoutSize > 0 ? ',' : '');
    if (withoutSize > 0) yield* list('images_without_size', unsized(), '');
    yield '}\n';

    function* images() {
      for (const { row, imageNumber, first } of numbered(source.rows())) {
        if (!first) yield undefined;
        else if (imageNumber === null) withoutSize++;
        else {
          yield {
            id: imageNumber,
            file_name: fileName(row),
            width: row.width,
            height: row.height,
            source: row.source,
          };
        }
      }
    }

    function* annotations() {
      let id = 0;
      for (const { row, imageNumber } of numbered(source.rows())) {
        if (imageNumber === null || row.categoryId === null) yield undefined;
        else {
          yield {
            id: ++id,
            image_id: imageNumber,
            category_id: categoryNumber(numberOf, row.categoryId),
            bbox: [0, 0, row.width, row.height],
            area: row.width! * row.height!,
            iscrowd: 0,
            segmentation: [],
            ...label(row),
          };
        }
      }
    }

    function* unsized() {
      for (const { row, imageNumber } of numbered(source.rows())) {
        if (imageNumber !== null) yield undefined;
        else {
          const { fileName: name, source: folder, status, error } = row;
          const labeled =
            row.categoryId === null ? {} : { category_id: categoryNumber(numberOf, row.categoryId), ...label(row) };
          yield { file_name: name, source: folder, status, error, ...labeled };
        }
      }
    }
  },
};

function* categories(source: ExportSource, numberOf: Map<number, number>) {
  for (const { id, name, supercategory } of source.categories()) {
    numberOf.set(id, numberOf.size + 1);
    yield { id: numberOf.size, name, supercategory };
  }
}

/** Rows with the number their picture has in the file, from 1; null for pictures whose size is unknown. */
function* numbered(rows: Iterable<ExportRow>) {
  let imageId: number | undefined;
  let count = 0;
  for (const row of rows) {
    const first = row.imageId !== imageId;
    const sized = (row.width ?? 0) > 0 && (row.height ?? 0) > 0;
    imageId = row.imageId;
    if (first && sized) count++;
    yield { row, first, imageNumber: sized ? count : null };
  }
}

/** Six digits of score, as in CSV; a decision has none. */
function label(row: ExportRow) {
  return {
    ...(row.score !== null && { score: Number(row.score.toFixed(6)) }),
    attributes: {
      source: row.origin ?? 'prediction',
      reviewed: row.review === 'accepted' || row.review === 'corrected',
      rank: row.rank ?? 1,
    },
  };
}

function categoryNumber(numberOf: Map<number, number>, categoryId: number): number {
  const number = numberOf.get(categoryId);
  if (number === undefined) throw new AppError('export.failed', 'A label points to a category that is not there');
  return number;
}

/**
 * With one folder, `file_name` is the path below it. With several, the folder's own name goes in front, made unique
 * with -2, -3, so that equal paths in different folders stay apart.
 */
function prefixOfFolder(folders: readonly string[]): Map<string, string> {
  const prefixes = new Map<string, string>();
  if (folders.length < 2) return prefixes;
  const taken = new Set<string>();
  for (const folder of folders) {
    const base = basename(folder).replaceAll(/[\\/:]/g, '') || 'root';
    let name = base;
    // Compared as file systems of Windows and macOS would: without case, in one Unicode form.
    for (let copy = 2; taken.has(name.normalize('NFC').toLowerCase()); copy++) name = `${base}-${copy}`;
    taken.add(name.normalize('NFC').toLowerCase());
    prefixes.set(folder, `${name}/`);
  }
  return prefixes;
}

/** A JSON member holding one object a line; `undefined` leaves no trace. */
function* list(key: string, items: Iterable<object | undefined>, end: string): Generator<string> {
  yield `"${key}": [`;
  let separator = '\n';
  for (const item of items) {
    if (!item) yield '';
    else {
      yield `${separator}${json(item)}`;
      separator = ',\n';
    }
  }
  yield `${separator === '\n' ? '' : '\n'}]${end}\n`;
}

/** Lone surrogates, which UTF-8 cannot carry and `JSON.stringify` writes as escapes, become U+FFFD. */
function json(value: object): string {
  const text = JSON.stringify(value);
  if (!/\\ud[89a-f]/.test(text)) return text;
  return JSON.stringify(value, (_, member: unknown) => (typeof member === 'string' ? member.toWellFormed() : member));
}
