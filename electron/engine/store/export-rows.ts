/** @file The rows of an export, streamed from one read snapshot. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { reviewChoiceOf, type ExportOptions, type ExportRow, type ReviewChoice } from '#core/export-options.ts';
import type { RowChoice } from '../export/exporter.ts';
import type { Database } from './database.ts';
import { exportLabels, type StoredDecision, type StoredPrediction } from './export-labels.ts';

/** An image may have several rows; a page is cut by images, so that the rows of one stay together. */
interface Page {
  afterId: number;
  imageLimit: number;
}

/** How many rows were given so far; passes for pictures alone and looks ahead do not count. */
export interface Tally {
  rows: number;
}

interface RowOptions extends RowChoice {
  page?: Page;
  tally?: Tally;
}

/** Ids read at once: few enough for memory and for a turn of the event loop, enough that queries do not count. */
const windowIds = 100;

/** Every parameter a query may name. */
interface Window {
  datasetId: number;
  afterId: number;
  lastId: number;
  topK: number;
  minScore: number;
}

const isInWindow = (id: string) => `${id} > :afterId AND ${id} <= :lastId`;

const reviewCondition: Record<ReviewChoice, string> = {
  all: '',
  decided: `AND images.review IN ('accepted', 'corrected')`,
  undecided: `AND images.review NOT IN ('accepted', 'corrected')`,
  unsure: `AND images.review = 'unsure'`,
  skipped: `AND images.review = 'skipped'`,
};

const isChosen = (options: ExportOptions) => /* sql */ `
  ${isInWindow('images.id')} AND images.dataset_id = :datasetId
  AND images.source_id IN (SELECT id FROM sources WHERE dataset_id = :datasetId AND removed = 0)
  ${reviewCondition[reviewChoiceOf(options)]}
`;

const sizeCondition = {
  known: 'AND images.width > 0 AND images.height > 0',
  unknown: 'AND (COALESCE(images.width, 0) <= 0 OR COALESCE(images.height, 0) <= 0)',
} as const;

type StoredImage = [
  id: number,
  path: string,
  sourceId: number,
  width: number | null,
  height: number | null,
  status: string,
  error: string | null,
  review: string,
];

/** The SQL for one combination of options; columns in the order of the types above. Exported for the test on query plans. */
export function exportSql(options: ExportOptions, { size }: RowChoice = {}) {
  return {
    images: /* sql */ `
      SELECT id, path, source_id, width, height, status, error_code, review
      FROM images NOT INDEXED WHERE ${isChosen(options)} ${size ? sizeCondition[size] : ''} ORDER BY id
    `,
    decisions: /* sql */ `
      SELECT image_id, category_id FROM annotations WHERE ${isInWindow('image_id')} ORDER BY image_id, sequence
    `,
    predictions: /* sql */ `
      SELECT image_id, rank, predictions.category_id, score
      FROM images NOT INDEXED CROSS JOIN predictions
        ON predictions.run_id = COALESCE(images.head_run_id, images.run_id) AND predictions.image_id = images.id
        AND rank <= :topK AND score >= :minScore
      WHERE ${isChosen(options)} ${size ? sizeCondition[size] : ''}
        ${options.include === 'both' ? 'AND NOT EXISTS (SELECT 1 FROM annotations WHERE image_id = images.id)' : ''}
      ORDER BY images.id, rank
    `,
  };
}

/**
 * @returns  rows ordered by image id, then rank; at least one row an image, with an empty label when it has none
 */
export function* exportRows(
  db: Database,
  datasetId: number,
  options: ExportOptions,
  { page, tally = { rows: 0 }, ...choice }: RowOptions = {},
): Generator<ExportRow> {
  const all = { ...options, include: 'predictions', topK: Number.MAX_SAFE_INTEGER, minScore: 0 } as const;
  const rowsIn = openRows(db, datasetId, choice.scores ? all : options, tally, choice);
  for (const range of windows(db, datasetId, page)) yield* rowsIn(range);
}

type Range = Pick<Window, 'afterId' | 'lastId'>;

function openRows(db: Database, datasetId: number, options: ExportOptions, tally: Tally, choice: RowChoice) {
  const { include, topK, minScore } = options;
  const sql = exportSql(options, choice);
  const images = db.prepare<Partial<Window>, StoredImage>(sql.images).raw();
  const decisions = db.prepare<Partial<Window>, StoredDecision>(sql.decisions).raw();
  const predictions = db.prepare<Partial<Window>, StoredPrediction>(sql.predictions).raw();
  const folders = new Map(
    db
      .prepare<[number], [number, string]>(/* sql */ `SELECT id, folder FROM sources WHERE dataset_id = ?`)
      .raw()
      .all(datasetId),
  );
  const labels = exportLabels(db, datasetId, options.level);
  const names = new Map(labels.categories.map(({ id, name }) => [id, name]));
  const hasDecisions = !choice.pictures && include !== 'predictions';
  const hasPredictions = !choice.pictures && include !== 'decisions';

  function decidedIn(range: Range): StoredDecision[] {
    const decided = hasDecisions ? decisions.all(range) : [];
    return labels.isPlain ? decided : labels.decisions(decided);
  }

  function predictedIn(range: Range): StoredPrediction[] {
    if (!hasPredictions) return [];
    if (labels.isPlain) return predictions.all({ ...range, datasetId, topK, minScore });
    const all = predictions.all({ ...range, datasetId, topK: Number.MAX_SAFE_INTEGER, minScore: 0 });
    return labels.predictions(all, { topK, minScore });
  }

  return function* rowsIn(range: Range): Generator<ExportRow> {
    const decided = decidedIn(range);
    const predicted = predictedIn(range);
    let nextDecided = 0;
    let nextPredicted = 0;
    for (const [imageId, fileName, sourceId, width, height, status, error, review] of images.all({
      ...range,
      datasetId,
    })) {
      const source = folders.get(sourceId)!;
      const row = (
        categoryId: number | null,
        score: number | null,
        rank: number | null,
        origin: ExportRow['origin'],
      ): ExportRow => ({
        imageId,
        fileName,
        source,
        width,
        height,
        status,
        error: error ?? '',
        review,
        categoryId,
        label: categoryId === null ? '' : (names.get(categoryId) ?? ''),
        score,
        rank,
        origin,
      });
      let count = 0;
      // Both lists are in the order of the pictures; pictures that are not exported are passed over.
      while (nextDecided < decided.length && decided[nextDecided]![0] < imageId) nextDecided++;
      for (; nextDecided < decided.length && decided[nextDecided]![0] === imageId; nextDecided++) {
        yield row(decided[nextDecided]![1], null, ++count, 'decision');
      }
      for (; nextPredicted < predicted.length && predicted[nextPredicted]![0] === imageId; nextPredicted++) {
        const [, rank, categoryId, score] = predicted[nextPredicted]!;
        count++;
        yield row(categoryId, score, rank, 'prediction');
      }
      if (count === 0) yield row(null, null, null, null);
      if (!choice.pictures && !choice.ahead) tally.rows += Math.max(1, count);
    }
  };
}

/** Ranges of ids that together hold the dataset, or one page of it. */
function* windows(db: Database, datasetId: number, page?: Page): Generator<Range> {
  const newest = db.prepare<[], number | null>(/* sql */ `SELECT MAX(id) FROM images`).pluck().get() ?? 0;
  const end = page ? (pageEnd(db, datasetId, page) ?? newest) : newest;
  for (let afterId = page?.afterId ?? 0; afterId < end; afterId += windowIds) {
    yield { afterId, lastId: Math.min(afterId + windowIds, end) };
  }
}

/** How many rows `exportRows` gives. Counts in short pieces, for calls that must not keep others waiting. */
export async function countExportRows(db: Database, datasetId: number, options: ExportOptions): Promise<number> {
  if (!exportLabels(db, datasetId, options.level).isPlain) return countLabeled(db, datasetId, options);
  const { include, topK, minScore } = options;
  const sql = exportSql(options);
  const labels = [
    ...(include === 'predictions' ? [] : [sql.decisions]),
    ...(include === 'decisions' ? [] : [sql.predictions]),
  ].map((select) => `SELECT image_id FROM (${select})`);
  // Each picture once for each label; once without any.
  const count = db
    .prepare<Window, number>(
      /* sql */ `
      WITH labels AS MATERIALIZED (SELECT image_id, COUNT(*) AS n FROM (${labels.join(' UNION ALL ')}) GROUP BY image_id)
      SELECT COALESCE(SUM(COALESCE(labels.n, 1)), 0)
      FROM (${sql.images}) AS pictures LEFT JOIN labels ON labels.image_id = pictures.id
    `,
    )
    .pluck();
  let rows = 0;
  for (const range of windows(db, datasetId)) {
    rows += count.get({ ...range, datasetId, topK, minScore })!;
    await nextTurn();
  }
  return rows;
}

/** Where labels become one, only making the rows tells how many there are. */
async function countLabeled(db: Database, datasetId: number, options: ExportOptions): Promise<number> {
  const tally: Tally = { rows: 0 };
  const rowsIn = openRows(db, datasetId, options, tally, {});
  for (const range of windows(db, datasetId)) {
    for (const _ of rowsIn(range));
    await nextTurn();
  }
  return tally.rows;
}

/** The last image id of a page, or null when there are no more. */
export function pageEnd(db: Database, datasetId: number, { afterId, imageLimit }: Page): number | null {
  const ids = db
    .prepare<[number, number, number], number>(
      // Without the hint an index by something else is read whole and sorted, for each page.
      /* sql */ `SELECT id FROM images NOT INDEXED WHERE dataset_id = ? AND id > ? ORDER BY id LIMIT ?`,
    )
    .pluck()
    .all(datasetId, afterId, imageLimit);
  return ids.length < imageLimit ? null : ids.at(-1)!;
}
