/** @file How the pictures of a filter are read in an order: the SQL, and how many there are when counters know it. */
import type { ImageFilter, ImageSort } from '#core/image-filter.ts';
import type { ImageStatus, ReviewState } from '#core/image.ts';
import type { Database } from './database.ts';

/** One row of the counters that belongs to the dataset. */
export interface Counted {
  sourceId: number;
  removed: 0 | 1;
  status: ImageStatus;
  review: ReviewState;
  /** 0 for none. */
  categoryId: number;
  n: number;
}

/** Statements to read one after the other, each row an id, or null for a picture that the filter leaves out. */
export interface ViewPlan {
  walks: { sql: string; values: unknown[] }[];
  /** Null when only reading them all tells. */
  total: number | null;
}

const order = {
  name: { column: 'path', index: 'images_by_path' },
  date: { column: 'modified_ms', index: 'images_by_date' },
  score: { column: 'top_score', index: 'images_by_score' },
  uncertainty: { column: 'margin', index: 'images_by_margin' },
} as const;

/** So few are found by their own index and sorted; more are met soon enough when read in order. */
const fewPictures = 20_000;

export function readCounters(db: Database, datasetId: number): Counted[] {
  return db
    .prepare<[number], Counted>(
      /* sql */ `
      SELECT source_id AS sourceId, removed, status, review, category_id AS categoryId, n
      FROM sources JOIN image_counts ON source_id = sources.id WHERE dataset_id = ? AND n > 0
    `,
    )
    .all(datasetId);
}

/**
 * Rows in order come straight from an index, so the first page is there at once. A condition that leaves nothing out,
 * as the counters tell, is not asked: without conditions the index alone answers.
 */
export function planView(
  datasetId: number,
  filter: ImageFilter,
  sort: ImageSort,
  counters: readonly Counted[],
): ViewPlan {
  const asked = conditions(datasetId, filter, counters);
  const few = fewIndex(filter, counters);
  const { column, index } = order[sort.key];
  const direction = sort.descending ? 'DESC' : 'ASC';
  const all = [...(few ? [few.condition] : []), ...asked.where].join(' AND ');
  const walk = (range = '', ...limits: number[]): ViewPlan['walks'][number] => ({
    // An id or nothing for each picture, not only those that match: so that no step takes longer than a page.
    sql: /* sql */ `
      SELECT ${few || !all ? 'id' : `CASE WHEN ${all} THEN id END`}
      FROM images INDEXED BY ${few?.index ?? index}
      WHERE dataset_id = ? ${range} ${few ? `AND ${all}` : ''}
      ORDER BY ${column} ${direction}, id ${direction}
    `,
    values: few ? [datasetId, ...limits, ...asked.values] : [...asked.values, datasetId, ...limits],
  });
  const { minScore = 0, maxScore = 1 } = filter;
  const isScored = sort.key === 'score' || sort.key === 'uncertainty';
  const isRange = minScore > 0 || maxScore < 1;
  if (sort.key === 'score' && isRange) {
    return { walks: [walk('AND top_score BETWEEN ? AND ?', minScore, maxScore)], total: asked.total };
  }
  // Pictures without a score have no place in an order by score: they come last.
  const walks =
    isScored && !sort.descending ? [walk(`AND ${column} IS NOT NULL`), walk(`AND ${column} IS NULL`)] : [walk()];
  return { walks, total: asked.total };
}

function conditions(datasetId: number, filter: ImageFilter, counters: readonly Counted[]) {
  const where: string[] = [];
  const values: unknown[] = [];
  let left = counters;
  /** Ask for it only if it leaves something out. */
  const keep = (counts: (row: Counted) => boolean, condition: string, ...more: unknown[]) => {
    const kept = left.filter(counts);
    if (kept.length < left.length) {
      where.push(condition);
      values.push(...more);
    }
    left = kept;
  };
  const marks = (list: readonly unknown[]) => list.map(() => '?').join(', ');
  const { status, review, categoryId, sourceId, minScore = 0, maxScore = 1 } = filter;
  const sources = [...new Set(counters.filter(({ removed }) => removed === 0).map((row) => row.sourceId))];
  keep(({ removed }) => removed === 0, `source_id IN (${marks(sources)})`, ...sources);
  if (status?.length) keep((row) => status.includes(row.status), `status IN (${marks(status)})`, ...status);
  else keep((row) => row.status !== 'missing', `status <> 'missing'`);
  if (review?.length) keep((row) => review.includes(row.review), `review IN (${marks(review)})`, ...review);
  if (categoryId !== undefined) keep((row) => row.categoryId === categoryId, 'category_id = ?', categoryId);
  if (sourceId !== undefined) keep((row) => row.sourceId === sourceId, 'source_id = ?', sourceId);

  let total: number | null = left.reduce((sum, { n }) => sum + n, 0);
  const countless = (condition: string, ...more: unknown[]) => {
    where.push(condition);
    values.push(...more);
    total = null;
  };
  if (minScore > 0) countless('top_score >= ?', minScore);
  if (maxScore < 1) countless('top_score <= ?', maxScore);
  const text = filter.text?.trim().toLowerCase();
  if (text) {
    countless(
      `(instr(lower(path), ?) > 0 OR category_id IN
        (SELECT id FROM categories WHERE dataset_id = ? AND instr(lower(name), ?) > 0))`,
      text,
      datasetId,
      text,
    );
  }
  return { where, values, total };
}

/** The index of a condition that few pictures of the dataset meet, if there is one. */
function fewIndex(filter: ImageFilter, counters: readonly Counted[]) {
  const count = (meets: (row: Counted) => boolean) => counters.reduce((sum, row) => sum + (meets(row) ? row.n : 0), 0);
  const { status, review, categoryId } = filter;
  const candidates: { index: string; condition: string; n: number }[] = [];
  if (categoryId !== undefined) {
    const n = count((row) => row.categoryId === categoryId);
    candidates.push({ index: 'images_by_category', condition: 'TRUE', n });
  }
  if (review?.length) {
    const n = count((row) => review.includes(row.review));
    candidates.push({ index: 'images_by_review', condition: 'TRUE', n });
  }
  const only = status?.length === 1 && status[0] !== 'done' ? status[0] : undefined;
  if (only) {
    // Spelled out: SQLite looks at a partial index only when it can read the condition.
    candidates.push({
      index: `images_${only}`,
      condition: `status = '${only}'`,
      n: count((row) => row.status === only),
    });
  }
  return candidates.filter(({ n }) => n <= fewPictures).sort((a, b) => a.n - b.n)[0];
}
