/** @file What a run writes: `predictions`, `embeddings`, `in_flight` and the result columns of `images`. */
import type { Classified } from '../inference/protocol.ts';
import type { Database } from './database.ts';
import { perceptualHashesTable } from './perceptual-hashes.ts';

export interface QueuedImage {
  id: number;
  folder: string;
  path: string;
}

export interface RunContext {
  runId: number;
  modelId: number;
  /** Category ids in the order of the model's labels. */
  categoryIds: readonly number[];
}

/** Crashes of one picture, processed alone the second time, before it is put aside. */
const crashLimit = 2;
/** A kill from outside says little about the picture, so it takes more of them (the system's memory killer). */
const killLimit = 5;

export const pendingSql = /* sql */ `
  SELECT images.id, sources.folder, images.path
  FROM images INDEXED BY images_pending JOIN sources ON sources.id = images.source_id
  WHERE images.dataset_id = ? AND images.status = 'pending' AND images.id > ? AND sources.removed = 0
    AND images.id NOT IN (SELECT image_id FROM in_flight)
  ORDER BY images.id LIMIT ?
`;

export function resultsTable(db: Database) {
  const hashes = perceptualHashesTable(db);
  const pending = db.prepare<[number, number, number], QueuedImage>(pendingSql);
  const suspects = db.prepare<[number], QueuedImage>(/* sql */ `
    SELECT images.id, sources.folder, images.path
    FROM in_flight JOIN images ON images.id = in_flight.image_id JOIN sources ON sources.id = images.source_id
    WHERE in_flight.active = 0 AND images.dataset_id = ? AND images.status = 'pending' AND sources.removed = 0
    ORDER BY in_flight.crashes, images.id LIMIT 1
  `);
  const take = db.prepare<[number, number]>(/* sql */ `
    INSERT INTO in_flight (image_id, run_id) VALUES (?, ?)
    ON CONFLICT (image_id) DO UPDATE SET active = 1, run_id = excluded.run_id
  `);
  const release = db.prepare<[number]>(/* sql */ `DELETE FROM in_flight WHERE image_id = ?`);
  const putBack = db.prepare(/* sql */ `UPDATE in_flight SET active = 0`);
  const forget = db.prepare(/* sql */ `DELETE FROM in_flight WHERE crashes = 0 AND kills = 0`);
  const blameCrash = db.prepare(/* sql */ `UPDATE in_flight SET crashes = crashes + 1 WHERE active = 1`);
  const blameKill = db.prepare(/* sql */ `UPDATE in_flight SET kills = kills + 1 WHERE active = 1`);
  const guilty = db.prepare<[number, number], { id: number }>(
    /* sql */ `SELECT image_id AS id FROM in_flight WHERE crashes >= ? OR kills >= ?`,
  );
  const quarantine = db.prepare<[number]>(/* sql */ `
    UPDATE images SET status = 'failed', error_code = 'image.crashed',
      error_message = 'The decoder crashed on this picture twice; it was put aside'
    WHERE id = ?
  `);
  const insertPrediction = db.prepare<[number, number, number, number, number]>(
    /* sql */ `INSERT INTO predictions (run_id, image_id, rank, category_id, score) VALUES (?, ?, ?, ?, ?)`,
  );
  const dropPredictions = db.prepare<[number, number]>(
    /* sql */ `DELETE FROM predictions WHERE run_id = ? AND image_id = ?`,
  );
  // Those of a head were made from what the picture showed before.
  const dropHead = db.prepare<[number, number]>(/* sql */ `
    DELETE FROM predictions
    WHERE run_id = (SELECT head_run_id FROM images WHERE id = ?) AND image_id = ?
  `);
  const upsertEmbedding = db.prepare<[number, number, Buffer]>(/* sql */ `
    INSERT INTO embeddings (model_id, image_id, features) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET features = excluded.features
  `);
  const facts = /* sql */ `
    content_hash = COALESCE(:contentHash, content_hash), width = COALESCE(:width, width),
    height = COALESCE(:height, height), format = COALESCE(:format, format), run_id = :runId
  `;
  const done = db.prepare<Record<string, unknown>>(/* sql */ `
    UPDATE images SET ${facts}, status = 'done', error_code = NULL, error_message = NULL, head_run_id = NULL,
      top_category_id = :top, top_score = :score, margin = :margin, parent_name = :parent, parent_score = :parentScore,
      category_id = COALESCE((SELECT category_id FROM annotations WHERE image_id = :id ORDER BY sequence LIMIT 1), :top)
    WHERE id = :id
  `);
  const failed = db.prepare<Record<string, unknown>>(/* sql */ `
    UPDATE images SET ${facts}, status = :status, error_code = :code, error_message = :message WHERE id = :id
  `);

  function store(result: Classified, { runId, modelId, categoryIds }: RunContext): void {
    const { id, contentHash, width, height, format, perceptualHash } = result;
    const common = { id, contentHash, width, height, format, runId };
    dropPredictions.run(runId, id); // a changed or retried picture may already have some of this run
    if (!result.ok) {
      const status = result.code === 'file.missing' ? 'missing' : 'failed';
      failed.run({ ...common, status, code: result.code, message: result.message.slice(0, 1000) });
    } else {
      const top = result.ranked[0]!;
      dropHead.run(id, id);
      done.run({
        ...common,
        top: categoryIds[top.index]!,
        score: top.score,
        margin: result.margin,
        parent: result.parent?.name ?? null,
        parentScore: result.parent?.score ?? null,
      });
      result.ranked.forEach(({ index, score }, rank) =>
        insertPrediction.run(runId, id, rank + 1, categoryIds[index]!, score),
      );
      if (result.features) {
        const half = new Float16Array(result.features);
        upsertEmbedding.run(modelId, id, Buffer.from(half.buffer, half.byteOffset, half.byteLength));
      }
      if (perceptualHash && contentHash !== null) hashes.put(id, contentHash, perceptualHash);
    }
    release.run(id);
  }

  return {
    /** The next pictures without a result that nobody is working on. */
    pending: (datasetId: number, afterId: number, limit: number) => pending.all(datasetId, afterId, limit),

    /** A picture that was in flight during a crash; these are processed one at a time. */
    nextSuspect: (datasetId: number) => suspects.get(datasetId),

    /** One transaction: the results of one batch in, the pictures of the next batch marked as in flight. */
    commit: db.transaction((results: readonly Classified[], next: readonly QueuedImage[], context: RunContext) => {
      for (const result of results) store(result, context);
      for (const { id } of next) take.run(id, context.runId);
    }),

    /** Give pictures back to the queue without a result (cancelled, or their folder went away). */
    putBack: db.transaction((ids: readonly number[]) => {
      for (const id of ids) release.run(id);
    }),

    /**
     * Settle who was in flight when the engine before this one ended.
     *
     * @param after  'crash' and 'hang' blame the pictures in flight, 'killed' a little, null nobody
     * @returns      how many pictures were put aside for good
     */
    settle: db.transaction((after: 'crash' | 'hang' | 'killed' | null): number => {
      if (after === 'killed') blameKill.run();
      else if (after) blameCrash.run();
      else forget.run();
      putBack.run();
      const ids = guilty.all(crashLimit, killLimit);
      for (const { id } of ids) {
        quarantine.run(id);
        release.run(id);
      }
      return ids.length;
    }),
  };
}
