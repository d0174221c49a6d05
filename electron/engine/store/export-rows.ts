/** @file The rows of an export, streamed from one read snapshot. */
import type { ExportOptions, ExportRow } from '#core/export-options.ts';
import type { Database } from './database.ts';

/** An image may have several rows; a page is cut by images, so that the rows of one stay together. */
interface Page {
  afterId: number;
  imageLimit: number;
}

/** The SQL for one combination of options. Exported for the test on query plans. */
export function exportSql({ include, onlyReviewed }: ExportOptions, page?: Page): string {
  const decided = include === 'predictions' ? '' : 'LEFT JOIN annotations ON annotations.image_id = images.id';
  const predicted =
    include === 'decisions'
      ? ''
      : `LEFT JOIN predictions ON predictions.run_id = images.run_id AND predictions.image_id = images.id
           AND predictions.rank <= :topK AND predictions.score >= :minScore
           ${include === 'both' ? 'AND annotations.image_id IS NULL' : ''}`;
  const has = { annotations: decided !== '', predictions: predicted !== '' };
  const categoryId = [
    ...(has.annotations ? ['annotations.category_id'] : []),
    ...(has.predictions ? ['predictions.category_id'] : []),
  ];
  return /* sql */ `
    SELECT images.id AS imageId, images.path AS fileName, sources.folder AS source, images.width, images.height,
      images.status, COALESCE(images.error_code, '') AS error, images.review,
      categories.id AS categoryId, COALESCE(categories.name, '') AS label,
      ${has.predictions ? 'predictions.score' : 'NULL'} AS score,
      ${has.predictions ? 'predictions.rank' : 'NULL'} AS rank,
      ${has.annotations ? 'annotations.category_id IS NOT NULL' : '0'} AS decided
    FROM ${
      page
        ? `(SELECT * FROM images WHERE dataset_id = :datasetId AND id > :afterId ORDER BY id LIMIT :imageLimit) AS images`
        : 'images'
    }
    JOIN sources ON sources.id = images.source_id AND sources.removed = 0
    ${decided}
    ${predicted}
    LEFT JOIN categories ON categories.id = ${categoryId.length > 1 ? `COALESCE(${categoryId.join(', ')})` : categoryId[0]}
    WHERE images.dataset_id = :datasetId ${onlyReviewed ? `AND images.review IN ('accepted', 'corrected')` : ''}
    ORDER BY images.id, ${has.annotations ? 'annotations.sequence, ' : ''}rank
  `;
}

type StoredRow = Omit<ExportRow, 'origin'> & { decided: 0 | 1 };

/**
 * @returns  rows ordered by image id, then rank; at least one row an image, with an empty label when it has none
 */
export function* exportRows(
  db: Database,
  datasetId: number,
  options: ExportOptions,
  page?: Page,
): Generator<ExportRow> {
  const statement = db.prepare<Record<string, number>, StoredRow>(exportSql(options, page));
  const rows = statement.iterate({ datasetId, topK: options.topK, minScore: options.minScore, ...page });
  let imageId = 0;
  let place = 0;
  for (const { decided, ...row } of rows) {
    place = row.imageId === imageId ? place + 1 : 1;
    imageId = row.imageId;
    const labeled = row.categoryId !== null;
    yield {
      ...row,
      rank: labeled ? (row.rank ?? place) : null,
      origin: labeled ? (decided ? 'decision' : 'prediction') : null,
    };
  }
}

export function countExportRows(db: Database, datasetId: number, options: ExportOptions): number {
  const { topK, minScore } = options;
  const count = db.prepare<Record<string, number>, number>(`SELECT count(*) FROM (${exportSql(options)})`).pluck();
  return count.get({ datasetId, topK, minScore }) as number;
}

export function exportCategories(db: Database, datasetId: number) {
  return db
    .prepare<[number], { id: number; name: string; supercategory: string }>(
      /* sql */ `SELECT id, name, supercategory FROM categories WHERE dataset_id = ? ORDER BY id`,
    )
    .all(datasetId);
}

/** The last image id of a page, or null when there are no more. */
export function pageEnd(db: Database, datasetId: number, { afterId, imageLimit }: Page): number | null {
  const ids = db
    .prepare<[number, number, number], number>(
      /* sql */ `SELECT id FROM images WHERE dataset_id = ? AND id > ? ORDER BY id LIMIT ?`,
    )
    .pluck()
    .all(datasetId, afterId, imageLimit);
  return ids.length < imageLimit ? null : ids.at(-1)!;
}
