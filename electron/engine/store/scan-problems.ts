/** @file The `scan_problems` table and the list of everything that has no label for a reason. */
import type { Failure } from '#core/dataset.ts';
import type { Database } from './database.ts';

export function scanProblemsTable(db: Database) {
  const clear = db.prepare<[number]>(/* sql */ `DELETE FROM scan_problems WHERE source_id = ?`);
  const insert = db.prepare<[number, string, string, string]>(
    /* sql */ `INSERT INTO scan_problems (source_id, path, code, message) VALUES (?, ?, ?, ?)`,
  );
  const count = db.prepare<{ datasetId: number }, { total: number }>(/* sql */ `
    SELECT
      (SELECT COALESCE(SUM(n), 0) FROM image_counts JOIN sources ON sources.id = source_id
       WHERE dataset_id = :datasetId AND removed = 0 AND status = 'failed') +
      (SELECT COUNT(*) FROM scan_problems JOIN sources ON sources.id = source_id
       WHERE dataset_id = :datasetId AND removed = 0) AS total
  `);
  const list = db.prepare<{ datasetId: number; offset: number; limit: number }, Failure>(/* sql */ `
    SELECT NULL AS imageId, path, code, message FROM scan_problems JOIN sources ON sources.id = source_id
    WHERE dataset_id = :datasetId AND removed = 0
    UNION ALL
    SELECT images.id, path, error_code, COALESCE(error_message, '')
    FROM images INDEXED BY images_failed JOIN sources ON sources.id = source_id
    WHERE images.dataset_id = :datasetId AND status = 'failed' AND removed = 0
    LIMIT :limit OFFSET :offset
  `);

  return {
    /** The problems of the last scan of a source. */
    replace: db.transaction(
      (sourceId: number, problems: readonly { path: string; code: string; message: string }[]) => {
        clear.run(sourceId);
        for (const { path, code, message } of problems) insert.run(sourceId, path, code, message);
      },
    ),
    list: (datasetId: number, offset: number, limit: number) => ({
      total: count.get({ datasetId })!.total,
      failures: list.all({ datasetId, offset, limit }),
    }),
  };
}
