/** @file The sets of pictures that the conditions of a filter name, each from an index alone. */
import type { ImageStatus, ReviewState } from '#core/image.ts';

export interface Query {
  /** Gives ids; null for a picture that does not belong, so that no step takes longer than a moment. */
  sql: string;
  values: readonly unknown[];
}

export const ofSource = (sourceId: number): Query => ({
  sql: /* sql */ `SELECT id FROM images WHERE source_id = ?`,
  values: [sourceId],
});

/** Spelled out: SQLite takes a partial index only when it can read its condition. */
export const ofStatus = (datasetId: number, status: ImageStatus): Query => ({
  sql: /* sql */ `SELECT id FROM images INDEXED BY images_${status} WHERE dataset_id = ? AND status = '${status}'`,
  values: [datasetId],
});

export const ofReview = (datasetId: number, review: ReviewState): Query => ({
  sql: /* sql */ `SELECT id FROM images INDEXED BY images_by_review WHERE dataset_id = ? AND review = ?`,
  values: [datasetId, review],
});

/** Those that count as one of the categories, and those that are it beside another. */
export const ofCategories = (datasetId: number, categoryIds: readonly number[]): Query[] => [
  {
    sql: /* sql */ `
      SELECT images.id FROM json_each(?) CROSS JOIN images INDEXED BY images_by_category
        ON images.dataset_id = ? AND images.category_id = value
    `,
    values: [JSON.stringify(categoryIds), datasetId],
  },
  {
    sql: /* sql */ `
      SELECT image_id FROM json_each(?) CROSS JOIN annotations INDEXED BY annotations_beside
        ON category_id = value AND place > 0
    `,
    values: [JSON.stringify(categoryIds)],
  },
];

/** Decided pictures that were predicted to be one of the categories when they were decided. */
export const ofPredicted = (datasetId: number, categoryIds: readonly number[]): Query => ({
  sql: /* sql */ `
    SELECT images.id FROM json_each(?) CROSS JOIN images INDEXED BY images_decided_by_shown
      ON images.dataset_id = ? AND images.shown_category_id = value AND images.review IN ('accepted', 'corrected')
  `,
  values: [JSON.stringify(categoryIds), datasetId],
});

/** Few are, so that each may be looked up. */
export const ofFlagged = (datasetId: number): Query => ({
  sql: /* sql */ `
    SELECT images.id FROM image_marks CROSS JOIN images ON images.id = image_id AND images.dataset_id = ?
    WHERE flagged = 1
  `,
  values: [datasetId],
});

export const ofScore = (datasetId: number, minScore: number, maxScore: number): Query => ({
  sql: /* sql */ `
    SELECT id FROM images INDEXED BY images_by_score WHERE dataset_id = ? AND top_score BETWEEN ? AND ?
  `,
  values: [datasetId, minScore, maxScore],
});

/** In the path or in the label. */
export const ofText = (datasetId: number, text: string): Query[] => [
  ofPath(datasetId, text),
  {
    sql: /* sql */ `
      SELECT images.id FROM categories
      CROSS JOIN images INDEXED BY images_by_category
        ON images.dataset_id = categories.dataset_id AND images.category_id = categories.id
      WHERE categories.dataset_id = ? AND instr(lower(categories.name), ?) > 0
    `,
    values: [datasetId, text],
  },
];

function ofPath(datasetId: number, text: string): Query {
  const triples = triplesOf(text);
  if (triples === undefined) {
    return {
      sql: /* sql */ `
        SELECT CASE WHEN instr(lower(path), ?) > 0 THEN id END FROM images INDEXED BY images_by_path WHERE dataset_id = ?
      `,
      values: [text, datasetId],
    };
  }
  // Those with all the triples somewhere; whether these stand together only the path tells.
  return {
    sql: /* sql */ `
      SELECT CASE WHEN dataset_id = ? AND instr(lower(images.path), ?) > 0 THEN id END
      FROM image_paths CROSS JOIN images ON id = image_paths.rowid
      WHERE image_paths MATCH ?
    `,
    values: [datasetId, text, triples],
  };
}

/** A query for the index of triples; undefined for a text it cannot look for. */
function triplesOf(text: string): string | undefined {
  const letters = [...text];
  if (letters.length < 3 || !text.isWellFormed() || text.includes('\0')) return undefined;
  const triples = new Set<string>();
  // Side by side is enough, as the path is asked anyway; the last one so that no letter is left out.
  for (let at = 0; at < letters.length; at += 3) {
    triples.add(
      letters
        .slice(Math.min(at, letters.length - 3))
        .slice(0, 3)
        .join(''),
    );
  }
  return [...triples].map((triple) => `"${triple.replaceAll('"', '""')}"`).join(' AND ');
}
