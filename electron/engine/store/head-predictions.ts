/** @file Predictions that a head makes: rows of `predictions` for its run, and the result columns of `images` while it counts. */
import type { Database } from './database.ts';
import { embeddingsTable, type IdRange } from './embeddings.ts';

/** New predictions of some pictures; those of all others stay. */
export interface PredictionChanges {
  /** Shape [N]. */
  imageIds: Int32Array;
  /** The model's run whose embedding was used, shape [N]; a picture that has another by now is left alone. */
  runIds: Int32Array;
  /** Kept of each picture, R. */
  ranks: number;
  /** Shape [N, R], best first, 0 for none; a picture whose first is 0 goes back to the model's predictions. */
  categoryIds: Int32Array;
  /** Shape [N, R]. */
  scores: Float32Array;
}

/** What a picture shows now. */
export type ShownPrediction = [
  imageId: number,
  runId: number,
  headRunId: number | null,
  categoryId: number | null,
  score: number | null,
];

/** Pictures between two looks at the clock: one takes a third of a millisecond, for all its indexes. */
const picturesPerLook = 5;

/** What pictures of a range show, for a reader that compares it with what they should. */
export function shownPredictions(db: Database) {
  const shown = db
    .prepare<IdRange & { datasetId: number }, ShownPrediction>(
      /* sql */ `
      SELECT id, run_id, head_run_id, top_category_id, top_score FROM images NOT INDEXED
      WHERE id > :afterId AND id <= :lastId AND dataset_id = :datasetId AND run_id IS NOT NULL
    `,
    )
    .raw();
  return (datasetId: number, range: IdRange): ShownPrediction[] => shown.all({ datasetId, ...range });
}

export function headPredictionsTable(db: Database) {
  const { standsFor } = embeddingsTable(db);
  const sourceRuns = db.prepare<[number], { runId: number | null; headRunId: number | null }>(
    /* sql */ `SELECT run_id AS runId, head_run_id AS headRunId FROM images WHERE id = ?`,
  );
  const drop = db.prepare<[number, number]>(/* sql */ `DELETE FROM predictions WHERE run_id = ? AND image_id = ?`);
  const insert = db.prepare<[number, number, number, number, number]>(
    /* sql */ `INSERT INTO predictions (run_id, image_id, rank, category_id, score) VALUES (?, ?, ?, ?, ?)`,
  );
  const show = db.prepare<{
    id: number;
    headRunId: number | null;
    top: number | null;
    score: number | null;
    margin: number | null;
  }>(/* sql */ `
    UPDATE images SET head_run_id = :headRunId, top_category_id = :top, top_score = :score, margin = :margin,
      category_id = COALESCE((SELECT category_id FROM annotations WHERE image_id = :id ORDER BY sequence LIMIT 1), :top)
    WHERE id = :id
  `);
  const ofModel = db
    .prepare<[number, number], [number, number]>(
      /* sql */ `SELECT category_id, score FROM predictions WHERE run_id = ? AND image_id = ? AND rank <= 2 ORDER BY rank`,
    )
    .raw();
  const headRuns = db
    .prepare<[number], number>(/* sql */ `SELECT id FROM runs WHERE dataset_id = ? AND is_head = 1`)
    .pluck();
  const shownBy = db
    .prepare<[number, number], number>(
      /* sql */ `SELECT id FROM images INDEXED BY images_by_head WHERE head_run_id = ? ORDER BY id LIMIT ?`,
    )
    .pluck();

  function backToModel(imageId: number, runId: number | null, meaning: (categoryId: number) => number): void {
    const [best, second] = runId === null ? [] : ofModel.all(runId, imageId);
    // A run that kept only the best: the others share what it left, so this is what the margin is at least.
    const margin = best ? Math.max(0, best[1] - (second?.[1] ?? 1 - best[1])) : null;
    show.run({ id: imageId, headRunId: null, top: best ? meaning(best[0]) : null, score: best?.[1] ?? null, margin });
  }

  function write(headRunId: number, changes: PredictionChanges, row: number, meaning: (id: number) => number): void {
    const imageId = changes.imageIds[row]!;
    const stored = sourceRuns.get(imageId);
    if (!stored || stored.runId !== changes.runIds[row]) return;
    if (stored.headRunId !== null) drop.run(stored.headRunId, imageId);
    const { ranks, categoryIds, scores } = changes;
    const first = row * ranks;
    const top = categoryIds[first]!;
    if (top === 0) return void (stored.headRunId !== null && backToModel(imageId, stored.runId, meaning));
    for (let rank = 0; rank < ranks; rank++) {
      const categoryId = categoryIds[first + rank]!;
      if (categoryId !== 0) insert.run(headRunId, imageId, rank + 1, categoryId, scores[first + rank]!);
    }
    const second = ranks > 1 && categoryIds[first + 1] !== 0 ? scores[first + 1]! : 0;
    const score = scores[first]!;
    show.run({ id: imageId, headRunId, top, score, margin: Math.max(0, score - second) });
  }

  return {
    /**
     * Write what fits into the time, in one transaction.
     *
     * @param from   the first row to write
     * @param milliseconds  the time
     * @returns      the row to go on with
     */
    write: db.transaction(
      (
        datasetId: number,
        headRunId: number,
        changes: PredictionChanges,
        from: number,
        milliseconds: number,
      ): number => {
        const end = performance.now() + milliseconds;
        const meaning = standsFor(datasetId);
        let row = from;
        do {
          const last = Math.min(row + picturesPerLook, changes.imageIds.length);
          for (; row < last; row++) write(headRunId, changes, row, meaning);
        } while (row < changes.imageIds.length && performance.now() < end);
        return row;
      },
    ),

    /**
     * Bring pictures that show what a head predicted back to the model's own predictions, as many as fit into the time.
     *
     * @returns  whether none is left
     */
    clear: db.transaction((datasetId: number, milliseconds: number): boolean => {
      const end = performance.now() + milliseconds;
      const meaning = standsFor(datasetId);
      for (const headRunId of headRuns.all(datasetId)) {
        for (;;) {
          const imageIds = shownBy.all(headRunId, picturesPerLook);
          for (const imageId of imageIds) {
            drop.run(headRunId, imageId);
            backToModel(imageId, sourceRuns.get(imageId)!.runId, meaning);
          }
          if (imageIds.length < picturesPerLook) break;
          if (performance.now() >= end) return false;
        }
      }
      return true;
    }),
  };
}
