/**
 * @file COCO JSON for labels of whole pictures: each annotation is a box around all of it.
 *
 * What readers need: pycocotools reads `annotations` whenever there are `categories`, and filters by `area`,
 * `iscrowd` and `supercategory`; FiftyOne divides each box by the picture's width and height. So all of these are
 * always there, and pictures whose size is unknown (never decoded) stay out of `images`: they are listed, with their
 * labels, under `images_without_size`, a key both readers ignore. Nothing here depends on the date, so equal labels
 * give equal files.
 */
import { AppError } from '#core/errors.ts';
import type { ExportRow } from '#core/export-options.ts';
import { hasSize, isReviewed, type FileExporter, type ExportSource } from './exporter.ts';
import { prefixOfFolder } from './folder-names.ts';
import { jsonEntries, jsonScore, jsonText as text } from './json-text.ts';

export const coco: FileExporter = {
  id: 'coco',
  title: 'COCO JSON',
  extension: 'json',
  target: 'file',
  absolutePaths: true,
  *write(source) {
    const numberOf = new Map<number, number>();
    const prefixes = prefixOfFolder(source.folders);
    const fileName = (row: ExportRow) => (prefixes.get(row.source) ?? '') + row.fileName;
    let withoutSize = 0;

    yield `{\n"info": {"description":${text(source.datasetName)},"version":"1.0","contributor":"Labelwright"},\n`;
    yield '"licenses": [],\n';
    yield* list('categories', categories(source, numberOf), ',');
    yield* list('images', images(), ',');
    yield* list('annotations', annotations(), withoutSize > 0 ? ',' : '');
    if (withoutSize > 0) yield* list('images_without_size', unsized(), '');
    yield '}\n';

    function* images() {
      const folders = new Map<string, string>();
      let imageNumber = 0;
      for (const row of source.rows({ pictures: true })) {
        if (!hasSize(row)) {
          withoutSize++;
          yield '';
          continue;
        }
        const folder = folders.get(row.source) ?? text(row.source);
        folders.set(row.source, folder);
        const name = text(fileName(row));
        yield `{"id":${++imageNumber},"file_name":${name},"width":${row.width},"height":${row.height},"source":${folder}}`;
      }
    }

    // Put together by hand, what is equal for all labels of a picture only once: there are millions of them.
    function* annotations() {
      let id = 0;
      let imageId: number | undefined;
      let imageNumber = 0;
      let before = '';
      let box = '';
      for (const row of source.rows({ size: 'known' })) {
        if (row.imageId !== imageId) {
          imageId = row.imageId;
          const { width, height } = row;
          before = `,"image_id":${++imageNumber},"category_id":`;
          box = `,"bbox":[0,0,${width},${height}],"area":${width! * height!},"iscrowd":0,"segmentation":[],`;
        }
        if (row.categoryId === null) yield '';
        else yield `{"id":${++id}${before}${categoryNumber(numberOf, row.categoryId)}${box}${label(row)}`;
      }
    }

    function* unsized() {
      for (const row of source.rows({ size: 'unknown' })) {
        const { status, error, categoryId } = row;
        const facts = `"file_name":${text(row.fileName)},"source":${text(row.source)},"status":${text(status)}`;
        const labeled =
          categoryId === null ? '}' : `,"category_id":${categoryNumber(numberOf, categoryId)},${label(row)}`;
        yield `{${facts},"error":${text(error)}${labeled}`;
      }
    }
  },
};

function* categories(source: ExportSource, numberOf: Map<number, number>) {
  for (const { id, name, supercategory } of source.categories()) {
    numberOf.set(id, numberOf.size + 1);
    yield `{"id":${numberOf.size},"name":${text(name)},"supercategory":${text(supercategory)}}`;
  }
}

/** The last members of an object. A decision has no score. */
function label({ score, origin, review, rank }: ExportRow): string {
  const reviewed = isReviewed({ review });
  const end = `"attributes":{"source":"${origin ?? 'prediction'}","reviewed":${reviewed},"rank":${rank ?? 1}}}`;
  return score === null ? end : `"score":${jsonScore(score)},${end}`;
}

function categoryNumber(numberOf: Map<number, number>, categoryId: number): number {
  const number = numberOf.get(categoryId);
  if (number === undefined) throw new AppError('export.failed', 'A label points to a category that is not there');
  return number;
}

function list(key: string, objects: Iterable<string>, end: string): Generator<string> {
  return jsonEntries(`"${key}": [`, objects, `]${end}\n`);
}
