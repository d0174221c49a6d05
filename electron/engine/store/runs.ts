/** @file The `models` and `runs` tables. */
import type { Database } from './database.ts';

export interface RunRow {
  id: number;
  datasetId: number;
  modelId: number;
  modelName: string;
  sha256: string;
  topK: number;
  state: 'running' | 'paused' | 'finished' | 'cancelled' | 'failed';
  /** Somebody asked for this very form of the model: 0 or 1, null in runs of older versions. */
  insists: number | null;
}

const columns = /* sql */ `
  SELECT runs.id, runs.dataset_id AS datasetId, runs.model_id AS modelId, models.name AS modelName,
         models.sha256, top_k AS topK, state, settings ->> '$.insists' AS insists
  FROM runs JOIN models ON models.id = runs.model_id
`;

export function runsTable(db: Database) {
  // The column is unique, but a person may have one file under two ids, prepared or named in two ways.
  const ensureModel = db.prepare<{ name: string; title: string; sha256: string }, { id: number }>(/* sql */ `
    INSERT INTO models (name, title, sha256) VALUES (:name, :title,
      CASE WHEN EXISTS (SELECT 1 FROM models WHERE sha256 = :sha256 AND name <> :name)
        THEN :sha256 || ' ' || :name ELSE :sha256 END)
    ON CONFLICT (sha256) DO UPDATE SET title = excluded.title RETURNING id
  `);
  const insert = db.prepare<[number, number, number, string, number]>(/* sql */ `
    INSERT INTO runs (dataset_id, model_id, top_k, settings, state, started_ms) VALUES (?, ?, ?, ?, 'running', ?)
  `);
  const latest = db.prepare<[number], RunRow>(
    /* sql */ `${columns} WHERE runs.dataset_id = ? AND is_head = 0 ORDER BY runs.id DESC LIMIT 1`,
  );
  const interrupted = db.prepare<[], RunRow>(
    /* sql */ `${columns} WHERE state IN ('running', 'paused') AND is_head = 0 ORDER BY runs.id`,
  );
  const setState = db.prepare<[string, string | null, number | null, number]>(
    /* sql */ `UPDATE runs SET state = ?, reason = ?, ended_ms = ? WHERE id = ?`,
  );
  const title = db.prepare<[number], { title: string }>(
    /* sql */ `SELECT title FROM models JOIN runs ON runs.model_id = models.id WHERE runs.id = ?`,
  );

  return {
    ensureModel: (name: string, modelTitle: string, sha256: string) =>
      ensureModel.get({ name, title: modelTitle, sha256 })!.id,
    insert: (datasetId: number, modelId: number, topK: number, settings: object) =>
      Number(insert.run(datasetId, modelId, topK, JSON.stringify(settings), Date.now()).lastInsertRowid),
    /** Of a model; heads learned from decisions are runs too, but not meant. */
    latest: (datasetId: number) => latest.get(datasetId),
    /** Runs that a stop or a crash cut off, oldest first. */
    interrupted: () => interrupted.all(),
    setState(runId: number, state: RunRow['state'], reason: string | null = null) {
      const ended = state === 'running' || state === 'paused' ? null : Date.now();
      setState.run(state, reason, ended, runId);
    },
    modelTitle: (runId: number) => title.get(runId)?.title ?? null,
  };
}
