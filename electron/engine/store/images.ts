/** @file The `images` table as a scan writes it. */
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database } from './database.ts';

export interface SeenFile {
  sourceId: number;
  /** Relative to the source folder, forward slashes. */
  path: string;
  name: string;
  sizeBytes: number;
  modifiedMs: number;
}

export interface KnownFile {
  id: number;
  sizeBytes: number;
  modifiedMs: number;
  contentHash: string | null;
  status: string;
}

/** A picture that went missing, and a new file that could be it under another name. */
export interface MoveCandidate {
  missingId: number;
  missingName: string;
  missingModifiedMs: number;
  missingHash: string | null;
  newId: number;
  newFolder: string;
  newPath: string;
  newName: string;
  newModifiedMs: number;
}

/** Ids of one transaction when all pictures are gone through. */
const rangeIds = 2000;

/** Which results of a dataset a run lets stand. */
export interface WantedResults {
  /** In the library. */
  modelId: number;
  /** SHA-256 of the float file that forms of the model come from. */
  original: string;
  /** Results of other forms do not count. */
  insists: boolean;
  topK: number;
}

export function imagesTable(db: Database) {
  const find = db.prepare<[number, string], KnownFile>(/* sql */ `
    SELECT id, size_bytes AS sizeBytes, modified_ms AS modifiedMs, content_hash AS contentHash, status
    FROM images WHERE source_id = ? AND path = ?
  `);
  const insert = db.prepare<SeenFile & { datasetId: number; scan: number }>(/* sql */ `
    INSERT INTO images (dataset_id, source_id, path, name, size_bytes, modified_ms, seen_scan)
    VALUES (:datasetId, :sourceId, :path, :name, :sizeBytes, :modifiedMs, :scan)
  `);
  const backAgain = /* sql */ `
    status = CASE WHEN status <> 'missing' THEN status WHEN top_category_id IS NOT NULL THEN 'done' ELSE 'pending' END
  `;
  const see = db.prepare<[number, number]>(/* sql */ `UPDATE images SET seen_scan = ?, ${backAgain} WHERE id = ?`);
  const touch = db.prepare<[number, number, number]>(
    /* sql */ `UPDATE images SET seen_scan = ?, modified_ms = ?, ${backAgain} WHERE id = ?`,
  );
  const change = db.prepare<[number, number, number, number]>(/* sql */ `
    UPDATE images SET seen_scan = ?, size_bytes = ?, modified_ms = ?, content_hash = NULL, status = 'pending',
      error_code = NULL, error_message = NULL
    WHERE id = ?
  `);
  const present = db
    .prepare<[number, number, number], number>(
      /* sql */ `
      SELECT id FROM images NOT INDEXED WHERE id > ? AND id <= ? AND source_id = ? AND status <> 'missing'
    `,
    )
    .pluck();
  const setMissing = db.prepare<[number]>(/* sql */ `UPDATE images SET status = 'missing' WHERE id = ?`);
  const moves = db.prepare<[number, number], MoveCandidate>(/* sql */ `
    SELECT old.id AS missingId, old.name AS missingName, old.modified_ms AS missingModifiedMs,
           old.content_hash AS missingHash,
           new.id AS newId, sources.folder AS newFolder, new.path AS newPath, new.name AS newName,
           new.modified_ms AS newModifiedMs
    FROM images AS new
    JOIN images AS old INDEXED BY images_missing
      ON old.dataset_id = new.dataset_id AND old.size_bytes = new.size_bytes AND old.status = 'missing'
    JOIN sources ON sources.id = new.source_id
    WHERE new.id > ? AND new.dataset_id = ? AND new.status = 'pending' AND new.run_id IS NULL
      AND (old.run_id IS NOT NULL OR old.review <> 'unreviewed')
    ORDER BY new.id, old.id
  `);
  const remove = db.prepare<[number]>(/* sql */ `DELETE FROM images WHERE id = ?`);
  const place = db.prepare<
    [number],
    { sourceId: number; path: string; name: string; modifiedMs: number; seen: number }
  >(
    /* sql */ `SELECT source_id AS sourceId, path, name, modified_ms AS modifiedMs, seen_scan AS seen FROM images WHERE id = ?`,
  );
  const moveTo = db.prepare<Record<string, unknown>>(/* sql */ `
    UPDATE images SET source_id = :sourceId, path = :path, name = :name, modified_ms = :modifiedMs, seen_scan = :seen,
      ${backAgain}
    WHERE id = :id
  `);
  const lastId = db.prepare(/* sql */ `SELECT COALESCE(MAX(id), 0) FROM images`).pluck();
  const setHash = db.prepare<{ imageId: number; contentHash: string }>(/* sql */ `
    UPDATE images SET content_hash = :contentHash WHERE id = :imageId AND content_hash IS NOT :contentHash
  `);
  const file = db.prepare<
    [number],
    { folder: string; path: string; contentHash: string | null; errorCode: string | null }
  >(/* sql */ `
    SELECT folder, path, content_hash AS contentHash, error_code AS errorCode
    FROM images JOIN sources ON sources.id = images.source_id WHERE images.id = ?
  `);
  const resetFailed = db.prepare<[number]>(/* sql */ `
    UPDATE images SET status = 'pending', error_code = NULL, error_message = NULL
    WHERE dataset_id = ? AND status = 'failed'
  `);
  const resetOthers = db.prepare<
    [{ afterId: number; lastId: number; datasetId: number } & Omit<WantedResults, 'insists'> & { insists: number }]
  >(/* sql */ `
    UPDATE images NOT INDEXED SET status = 'pending'
    WHERE id > :afterId AND id <= :lastId AND dataset_id = :datasetId AND status = 'done' AND run_id IN (
      SELECT runs.id FROM runs
      WHERE top_k < :topK
        OR model_id <> :modelId AND (:insists OR settings ->> '$.original' IS NOT :original)
    )
  `);

  // Knuth's multiplicative hash puts ids in an order that has nothing to do with when their pictures were found.
  const sample = db.prepare<
    { datasetId: number | null; seed: number; limit: number },
    { folder: string; path: string }
  >(/* sql */ `
    SELECT folder, path FROM images JOIN sources ON sources.id = images.source_id
    WHERE images.id IN (
      SELECT id FROM images
      WHERE (:datasetId IS NULL OR dataset_id = :datasetId) AND status IN ('pending', 'done')
      ORDER BY ((id + :seed) * 2654435761) & 4294967295 LIMIT :limit
    )
  `);

  /** Over the whole table, a range of ids at a time, so that a million pictures keep nobody waiting. */
  async function inRanges(end: number, update: (afterId: number, lastId: number) => number): Promise<number> {
    let changes = 0;
    for (let afterId = 0; afterId < end; afterId += rangeIds) {
      changes += update(afterId, Math.min(afterId + rangeIds, end));
      await nextTurn();
    }
    return changes;
  }

  return {
    find: (sourceId: number, path: string) => find.get(sourceId, path),

    /**
     * One transaction: `changed` tells which known files have other content now. Most are as they were, and nothing is
     * written for them.
     *
     * @returns  the ids of the pictures, new ones too
     */
    see: db.transaction(
      (datasetId: number, scan: number, files: readonly { file: SeenFile; known?: KnownFile; changed: boolean }[]) =>
        files.map(({ file: seen, known, changed }) => {
          if (!known) return Number(insert.run({ ...seen, datasetId, scan }).lastInsertRowid);
          if (changed) change.run(scan, seen.sizeBytes, seen.modifiedMs, known.id);
          else if (known.modifiedMs !== seen.modifiedMs) touch.run(scan, seen.modifiedMs, known.id);
          else if (known.status === 'missing') see.run(scan, known.id);
          return known.id;
        }),
    ),

    /**
     * Pictures of the source that a scan did not come by are missing.
     *
     * @param seen    those it came by
     * @param lastId  the newest picture before the scan; later ones were found by it
     * @returns       how many went missing
     */
    async markMissing(sourceId: number, seen: { has(id: number): boolean }, lastId: number): Promise<number> {
      const markAll = db.transaction((ids: readonly number[]) => {
        for (const id of ids) setMissing.run(id);
      });
      return inRanges(lastId, (afterId, last) => {
        const gone = present.all(afterId, last, sourceId).filter((id) => !seen.has(id));
        if (gone.length > 0) markAll(gone);
        return gone.length;
      });
    },

    lastId: () => lastId.get() as number,
    moveCandidates: (datasetId: number, newerThanId: number) => moves.all(newerThanId, datasetId),

    /** The missing picture takes the place of the new file: its id, results and decisions live on. */
    move: db.transaction((missingId: number, newId: number) => {
      const target = place.get(newId);
      if (!target) return;
      remove.run(newId);
      moveTo.run({ ...target, id: missingId });
    }),

    setHash: (imageId: number, contentHash: string) => void setHash.run({ imageId, contentHash }),
    file: (imageId: number) => file.get(imageId),
    /** Absolute paths of pictures that can be expected to be readable, drawn by chance; the same for the same seed. */
    sample: (datasetId: number | null, limit: number, seed: number): string[] =>
      sample.all({ datasetId, limit, seed }).map(({ folder, path }) => join(folder, path)),
    /** Failed pictures back into the queue. @returns how many */
    resetFailed: (datasetId: number): number => resetFailed.run(datasetId).changes,
    /** Pictures labeled by another model, or with fewer predictions, back into the queue; they show what they have until then. */
    resetOthers: (datasetId: number, wanted: WantedResults): Promise<number> =>
      inRanges(
        lastId.get() as number,
        (afterId, last) =>
          resetOthers.run({ ...wanted, insists: Number(wanted.insists), datasetId, afterId, lastId: last }).changes,
      ),
  };
}
