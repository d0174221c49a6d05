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
import {
  ofSource,
  ofStatus,
  ofReview,
  ofCategories,
  ofPredicted,
  ofFlagged,
  ofScore,
  ofText,
  type Query,
} from './view-queries.ts';

/** How many pictures of the dataset are alike. */
export interface Counted {
  sourceId: number;
  removed: 0 | 1;
  status: ImageStatus;
  review: ReviewState;
  n: number;
}

/** What it takes to know how a filter is best answered. */
export interface FilterFacts {
  counters: Counted[];
  /** By each id that a filter may name: the categories it stands for, those merged into them as well. */
  categoryIds: { own: number[]; under: number[]; predicted: number[] };
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
  SELECT source_id AS sourceId, removed, status, review, SUM(n) AS n
  FROM sources JOIN image_counts ON source_id = sources.id WHERE dataset_id = ?
  GROUP BY source_id, status, review HAVING SUM(n) > 0
`;

/** A category, what was merged into it and, level by level, what is below; UNION ends in a circle too. */
const categoriesSql = /* sql */ `
  WITH RECURSIVE meant (id) AS (
    SELECT COALESCE(merged_into, id) FROM categories WHERE dataset_id = :datasetId AND id = :categoryId
    UNION
    SELECT categories.id FROM meant CROSS JOIN categories INDEXED BY categories_by_parent
      ON dataset_id = :datasetId AND parent_id = meant.id
    WHERE :under
  )
  SELECT id FROM meant
  UNION
  SELECT categories.id FROM categories WHERE dataset_id = :datasetId AND merged_into IN (SELECT id FROM meant)
`;

export function readFacts(db: Database, datasetId: number, filter: ImageFilter): FilterFacts {
  const categories = db.prepare<{ datasetId: number; categoryId: number; under: 0 | 1 }, number>(categoriesSql).pluck();
  const meant = (categoryId: number | undefined, under: 0 | 1) =>
    categoryId === undefined ? [] : categories.all({ datasetId, categoryId, under });
  return {
    counters: db.prepare<[number], Counted>(countersSql).all(datasetId),
    categoryIds: {
      own: meant(filter.categoryId, 0),
      under: meant(filter.underCategoryId, 1),
      predicted: meant(filter.predictedCategoryId, 0),
    },
  };
}

export function planView(datasetId: number, filter: ImageFilter, sort: ImageSort, facts: FilterFacts): ViewPlan {
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
  return { ...conditions(datasetId, filter, facts), walks, orderBy };
}

function conditions(datasetId: number, filter: ImageFilter, { counters, categoryIds }: FilterFacts) {
  const within: Query[][] = [];
  const without: Query[] = [];
  let left: readonly Counted[] = counters;
  /** Name those that belong or those that do not, whichever are fewer; neither when all belong, as the counters tell. */
  const keep = (belongs: (row: Counted) => boolean, inside: () => Query[], outside: () => Query[]) => {
    const kept = left.filter(belongs);
    if (kept.length === left.length) return;
    if (sum(counters.filter(belongs)) <= sum(counters) / 2) within.push(inside());
    else without.push(...outside());
    left = kept;
  };

  const { status, review, sourceId, flagged } = filter;
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
  let total: number | null = sum(left);
  const alone = (queries: Query[]) => {
    within.push(queries);
    total = null;
  };
  if (filter.categoryId !== undefined) alone(ofCategories(datasetId, categoryIds.own));
  if (filter.underCategoryId !== undefined) alone(ofCategories(datasetId, categoryIds.under));
  if (filter.predictedCategoryId !== undefined) alone([ofPredicted(datasetId, categoryIds.predicted)]);
  if (flagged) alone([ofFlagged(datasetId)]);
  if (flagged === false) {
    without.push(ofFlagged(datasetId));
    total = null;
  }
  const { minScore = 0, maxScore = 1 } = filter;
  if (minScore > 0 || maxScore < 1) alone([ofScore(datasetId, minScore, maxScore)]);
  const text = filter.text?.trim().toLowerCase();
  if (text) alone(ofText(datasetId, text));
  return { within, without, total };
}

function sum(rows: readonly Counted[]): number {
  return rows.reduce((total, { n }) => total + n, 0);
}
