/** @file What the decisions and predictions of a dataset say, for plots. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Insights } from '#core/insights.ts';
import type { Database } from './database.ts';
import { InsightTally, type LoggedDecision, type TalliedImage } from './insight-tally.ts';

/** Pictures, or lines of the log, read at a stretch: some milliseconds. */
const pieceRows = 2000;

/** Exported for the test on query plans. A range of ids in the order of the table: nothing is fetched twice. */
export const imagesSql = /* sql */ `
  SELECT images.id, source_id, path, size_bytes, status, review, category_id, top_category_id, top_score,
    shown_category_id, shown_score
  FROM images NOT INDEXED WHERE id > ? AND id <= ? AND dataset_id = ?
`;
export const annotationsSql = /* sql */ `
  SELECT image_id, category_id FROM annotations WHERE image_id > ? AND image_id <= ? ORDER BY image_id
`;
/** One read for all steps: a hundred thousand may be of one picture each. */
export const logSql = /* sql */ `
  SELECT image_id, review_after, decided_ms
  FROM decisions CROSS JOIN decision_images ON decision_images.sequence = decisions.sequence
  WHERE dataset_id = ? AND state = 'done' AND marks_before IS NULL ORDER BY decisions.sequence DESC
`;

/**
 * In pieces of some milliseconds, with a turn for everything else between them.
 *
 * @param db                a connection of its own, in a transaction, so that all figures are of one moment
 * @param utcOffsetMinutes  of the person's calendar: local time minus UTC
 */
export async function insights(db: Database, datasetId: number, utcOffsetMinutes: number): Promise<Insights> {
  const sources = db
    .prepare<[number], { id: number; folder: string }>(
      /* sql */ `SELECT id, folder FROM sources WHERE dataset_id = ? AND removed = 0`,
    )
    .all(datasetId);
  const categories = db
    .prepare<[number], { id: number; name: string; mergedInto: number | null }>(
      /* sql */ `SELECT id, name, merged_into AS mergedInto FROM categories WHERE dataset_id = ?`,
    )
    .all(datasetId);
  const tally = new InsightTally(sources, categories, utcOffsetMinutes);
  const lastId = db.prepare<[], number | null>(/* sql */ `SELECT MAX(id) FROM images`).pluck().get() ?? 0;
  await tallyImages(db, datasetId, lastId, tally);
  await tallyLog(db, datasetId, lastId, tally);
  return { datasetId, ...tally.result() };
}

async function tallyImages(db: Database, datasetId: number, lastId: number, tally: InsightTally): Promise<void> {
  const images = db.prepare<[number, number, number], TalliedImage>(imagesSql).raw();
  const annotations = db.prepare<[number, number], [number, number]>(annotationsSql).raw();
  for (let afterId = 0; afterId < lastId; afterId += pieceRows) {
    const end = Math.min(afterId + pieceRows, lastId);
    const decided = new Map<number, number[]>();
    for (const [imageId, categoryId] of annotations.iterate(afterId, end)) {
      const others = decided.get(imageId);
      if (others) others.push(categoryId);
      else decided.set(imageId, [categoryId]);
    }
    for (const image of images.iterate(afterId, end, datasetId)) tally.image(image, decided.get(image[0]) ?? []);
    await nextTurn();
  }
}

/** Newest first, so that only the last word about a picture counts. */
async function tallyLog(db: Database, datasetId: number, lastId: number, tally: InsightTally): Promise<void> {
  const log = db.prepare<[number], LoggedDecision>(logSql).raw();
  const seen = new Uint8Array(lastId + 1);
  let rows = 0;
  for (const [imageId, review, decidedMs] of log.iterate(datasetId)) {
    if (imageId <= lastId && !seen[imageId]) {
      seen[imageId] = 1;
      tally.decision(imageId, review, decidedMs);
    }
    if (++rows % pieceRows === 0) await nextTurn();
  }
}
