/**
 * @file How the pictures of a filter are found in an order: sets of ids, one for each condition, and an index to walk.
 *
 * Each set and each walk is answered by an index alone. Asking conditions of the pictures one by one, in the order of
 * their scores or dates, would fetch each row from another place of the file: minutes for a million instead of parts
 * of a second.
 */
import type { ImageFilter, ImageSort, IndexedSortKey } from '#core/image-filter.ts';
import { imageStatuses, reviewStates, type ImageStatus, type ReviewState } from '#core/image.ts';
import type { Database } from './database.ts';

/** How many pictures of the dataset are alike. */
export interface Counted {
  sourceId: number;
  removed: 0 | 1;
  status: ImageStatus;
  review: ReviewState;
  n: number;
  /** Those of them that count as the category of the filter. */
  inCategory: number;
}

export interface Query {
  /** Gives ids; null for a picture that does not belong, so that no step takes longer than a moment. */
  sql: string;
  values: readonly unknown[];
}

export interface ViewPlan {
  /** The view has the pictures in all of `within` and in none of `without`. */
  within: Query[][];
  without: Query[];
  /** Every picture of the dataset in order, one after the other. */
  walks: Query[];
  /** The order alone, for sorting few pictures. */
  orderBy: string;
  /** Null when only the sets tell. */
  total: number | null;
}

const order = {
  name: { column: 'path', index: 'images_by_path' },
  date: { column: 'modified_ms', index: 'images_by_date' },
  score: { column: 'top_score', index: 'images_by_score' },
  uncertainty: { column: 'margin', index: 'images_by_margin' },
} as const;

/** Exported for the test on query plans. */
export const countersSql = /* sql */ `
  SELECT source_id AS sourceId, removed, status, review, SUM(n) AS n, SUM(IIF(category_id = ?, n, 0)) AS inCategory
  FROM sources JOIN image_counts ON source_id = sources.id WHERE dataset_id = ?
  GROUP BY source_id, status, review HAVING SUM(n) > 0
`;

export function readCounters(db: Database, datasetId: number, { categoryId }: ImageFilter): Counted[] {
  return db.prepare<[number | null, number], Counted>(countersSql).all(categoryId ?? null, datasetId);
}

export function planView(
  datasetId: number,
  filter: ImageFilter,
  sort: ImageSort,
  counters: readonly Counted[],
): ViewPlan {
  const { column, index } = order[sort.key as IndexedSortKey];
  const direction = sort.descending ? 'DESC' : 'ASC';
  const orderBy = `${column} ${direction} NULLS LAST, id ${direction}`;
  const walk = (range: string): Query => ({
    sql: /* sql */ `
      SELECT id FROM images INDEXED BY ${index} WHERE dataset_id = ? ${range}
      ORDER BY ${column} ${direction}, id ${direction}
    `,
    values: [datasetId],
  });
  // Pictures without a score have no place in an order by score: they come last.
  const isScored = sort.key === 'score' || sort.key === 'uncertainty';
  const walks =
    isScored && !sort.descending ? [walk(`AND ${column} IS NOT NULL`), walk(`AND ${column} IS NULL`)] : [walk('')];
  return { ...conditions(datasetId, filter, counters), walks, orderBy };
}

function conditions(datasetId: number, filter: ImageFilter, counters: readonly Counted[]) {
  const within: Query[][] = [];
  const without: Query[] = [];
  let left = counters;
  /** Name those that belong or those that do not, whichever are fewer; neither when all belong, as the counters tell. */
  const keep = (belongs: (row: Counted) => boolean, inside: () => Query[], outside: () => Query[]) => {
    const kept = left.filter(belongs);
    if (kept.length === left.length) return;
    if (sum(counters.filter(belongs)) <= sum(counters) / 2) within.push(inside());
    else without.push(...outside());
    left = kept;
  };

  const { status, review, categoryId, sourceId } = filter;
  const sources = new Map(counters.map((row) => [row.sourceId, row.removed]));
  const ofSources = (belongs: (id: number) => boolean) => [...sources.keys()].filter(belongs).map(ofSource);
  const isShown = (id: number) => sources.get(id) === 0 && (sourceId === undefined || id === sourceId);
  keep(
    (row) => isShown(row.sourceId),
    () => ofSources(isShown),
    () => ofSources((id) => !isShown(id)),
  );
  const statuses = imageStatuses.filter((one) => (status?.length ? status.includes(one) : one !== 'missing'));
  const otherStatuses = imageStatuses.filter((one) => !statuses.includes(one));
  // Most pictures are done, so no index names them: they are what remains of the others.
  const belongs = (row: Counted) => statuses.includes(row.status);
  if (!left.every(belongs)) {
    if (statuses.includes('done')) without.push(...otherStatuses.map((one) => ofStatus(datasetId, one)));
    else within.push(statuses.map((one) => ofStatus(datasetId, one)));
    left = left.filter(belongs);
  }
  if (review?.length) {
    const others = reviewStates.filter((one) => !review.includes(one));
    keep(
      (row) => review.includes(row.review),
      () => review.map((one) => ofReview(datasetId, one)),
      () => others.map((one) => ofReview(datasetId, one)),
    );
  }
  if (categoryId !== undefined) {
    within.push([ofCategory(datasetId, categoryId)]);
    left = left.map((row) => ({ ...row, n: row.inCategory }));
  }
  let total: number | null = sum(left);
  const { minScore = 0, maxScore = 1 } = filter;
  if (minScore > 0 || maxScore < 1) {
    within.push([ofScore(datasetId, minScore, maxScore)]);
    total = null;
  }
  const text = filter.text?.trim().toLowerCase();
  if (text) {
    within.push(ofText(datasetId, text));
    total = null;
  }
  return { within, without, total };
}

function sum(rows: readonly Counted[]): number {
  return rows.reduce((total, { n }) => total + n, 0);
}

const ofSource = (sourceId: number): Query => ({
  sql: /* sql */ `SELECT id FROM images WHERE source_id = ?`,
  values: [sourceId],
});

/** Spelled out: SQLite takes a partial index only when it can read its condition. */
const ofStatus = (datasetId: number, status: ImageStatus): Query => ({
  sql: /* sql */ `SELECT id FROM images INDEXED BY images_${status} WHERE dataset_id = ? AND status = '${status}'`,
  values: [datasetId],
});

const ofReview = (datasetId: number, review: ReviewState): Query => ({
  sql: /* sql */ `SELECT id FROM images INDEXED BY images_by_review WHERE dataset_id = ? AND review = ?`,
  values: [datasetId, review],
});

const ofCategory = (datasetId: number, categoryId: number): Query => ({
  sql: /* sql */ `SELECT id FROM images INDEXED BY images_by_category WHERE dataset_id = ? AND category_id = ?`,
  values: [datasetId, categoryId],
});

const ofScore = (datasetId: number, minScore: number, maxScore: number): Query => ({
  sql: /* sql */ `
    SELECT id FROM images INDEXED BY images_by_score WHERE dataset_id = ? AND top_score BETWEEN ? AND ?
  `,
  values: [datasetId, minScore, maxScore],
});

/** In the path or in the label. */
const ofText = (datasetId: number, text: string): Query[] => [
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
