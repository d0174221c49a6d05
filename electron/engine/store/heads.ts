/** @file The `heads` table: what was learned from decisions, one row a version, each beside its row in `runs`. */
import type { HeadSummary, Interval, LearnMode } from '#core/learn.ts';
import type { HeadModel } from '../learn/head-model.ts';
import type { Database } from './database.ts';

/** What else it takes to predict as a head did. */
export interface HeadSettings {
  /** 'extend': pictures less like the decided ones than this keep the model's predictions; null: none do. */
  similarityLimit: number | null;
  mode: LearnMode;
  /** Its predictions are in `images` everywhere they belong. */
  applied: boolean;
  /** A person went back to it, or from it: corrections make a new version and leave it as it is. */
  kept: boolean;
  /** Of the decided pictures it was fitted to, so that the same ones need no fitting again. */
  examples: string;
}

export interface StoredHead {
  runId: number;
  datasetId: number;
  modelName: string;
  createdMs: number;
  current: boolean;
  exampleCount: number;
  model: HeadModel;
  settings: HeadSettings;
  accuracy: Interval | null;
}

/** Versions a person can go back to. */
const versionLimit = 30;

interface StoredRow {
  runId: number;
  datasetId: number;
  modelName: string;
  createdMs: number;
  current: 0 | 1;
  multiLabel: 0 | 1;
  exampleCount: number;
  categoryIds: string;
  weights: Buffer;
  width: number;
  temperature: number;
  settings: string;
  accuracy: string;
}

const columns = /* sql */ `
  run_id AS runId, dataset_id AS datasetId, model_name AS modelName, created_ms AS createdMs, is_current AS current,
  multi_label AS multiLabel, example_count AS exampleCount, category_ids AS categoryIds, weights, width, temperature,
  settings, accuracy
`;

export function headsTable(db: Database) {
  const get = db.prepare<[number], StoredRow>(/* sql */ `SELECT ${columns} FROM heads WHERE run_id = ?`);
  const current = db.prepare<[number], StoredRow>(
    /* sql */ `SELECT ${columns} FROM heads WHERE dataset_id = ? AND is_current = 1 ORDER BY run_id DESC LIMIT 1`,
  );
  const summaries = db.prepare<[number], Omit<StoredRow, 'weights'> & { categoryCount: number }>(/* sql */ `
    SELECT run_id AS runId, created_ms AS createdMs, example_count AS exampleCount,
      json_array_length(category_ids) AS categoryCount, accuracy, is_current AS current
    FROM heads WHERE dataset_id = ? ORDER BY created_ms DESC, run_id DESC
  `);
  const currentSummary = db.prepare<[number], { runId: number }>(
    /* sql */ `SELECT run_id AS runId FROM heads WHERE dataset_id = ? AND is_current = 1 ORDER BY run_id DESC LIMIT 1`,
  );
  const ensureModel = db.prepare<[string, string, string], { id: number }>(/* sql */ `
    INSERT INTO models (name, title, sha256) VALUES (?, ?, ?)
    ON CONFLICT (sha256) DO UPDATE SET title = excluded.title RETURNING id
  `);
  const insertRun = db.prepare<[number, number, number, number]>(/* sql */ `
    INSERT INTO runs (dataset_id, model_id, top_k, settings, state, started_ms, ended_ms, is_head)
    VALUES (?, ?, 5, '{}', 'finished', ?, ?, 1)
  `);
  const insert = db.prepare<Omit<StoredRow, 'current'>>(/* sql */ `
    INSERT INTO heads (run_id, dataset_id, model_name, created_ms, is_current, multi_label, example_count, category_ids,
      weights, width, temperature, settings, accuracy)
    VALUES (:runId, :datasetId, :modelName, :createdMs, 1, :multiLabel, :exampleCount, :categoryIds,
      :weights, :width, :temperature, :settings, :accuracy)
    ON CONFLICT (run_id) DO UPDATE SET multi_label = excluded.multi_label, example_count = excluded.example_count,
      category_ids = excluded.category_ids, weights = excluded.weights, width = excluded.width, is_current = 1,
      temperature = excluded.temperature, settings = excluded.settings, accuracy = excluded.accuracy,
      model_name = excluded.model_name
  `);
  const setCurrent = db.prepare<[number, number]>(
    /* sql */ `UPDATE heads SET is_current = run_id = ? WHERE dataset_id = ?`,
  );
  const setSettings = db.prepare<[string, number]>(/* sql */ `UPDATE heads SET settings = ? WHERE run_id = ?`);
  const setAccuracy = db.prepare<[string, number]>(/* sql */ `UPDATE heads SET accuracy = ? WHERE run_id = ?`);
  const old = db.prepare<[number, number], { runId: number }>(/* sql */ `
    SELECT run_id AS runId FROM heads WHERE dataset_id = ? AND is_current = 0
    ORDER BY created_ms DESC, run_id DESC LIMIT -1 OFFSET ?
  `);
  const remove = db.prepare<[number]>(/* sql */ `DELETE FROM heads WHERE run_id = ?`);
  const unapplied = db.prepare<[], { datasetId: number }>(/* sql */ `
    SELECT dataset_id AS datasetId FROM heads WHERE is_current = 1 AND settings ->> '$.applied' = 0
    UNION
    -- Those that went back to the model's own predictions, and did not come to the end of it.
    SELECT runs.dataset_id FROM runs
    WHERE is_head = 1 AND NOT EXISTS (SELECT 1 FROM heads WHERE dataset_id = runs.dataset_id AND is_current = 1)
      AND EXISTS (SELECT 1 FROM images INDEXED BY images_by_head WHERE head_run_id = runs.id)
  `);

  function read(row: StoredRow): StoredHead {
    const categoryIds = JSON.parse(row.categoryIds) as number[];
    const { width } = row;
    // Copied, because a buffer may begin where no float can.
    const values = new Float32Array(new Uint8Array(row.weights).buffer);
    const weightCount = categoryIds.length * width;
    return {
      runId: row.runId,
      datasetId: row.datasetId,
      modelName: row.modelName,
      createdMs: row.createdMs,
      current: Boolean(row.current),
      exampleCount: row.exampleCount,
      model: {
        categoryIds,
        width,
        weights: values.slice(0, weightCount),
        biases: values.slice(weightCount, weightCount + categoryIds.length),
        temperature: row.temperature,
        multiLabel: Boolean(row.multiLabel),
      },
      settings: JSON.parse(row.settings) as HeadSettings,
      accuracy: JSON.parse(row.accuracy) as Interval | null,
    };
  }

  function makeRun(datasetId: number, createdMs: number): number {
    const { id } = ensureModel.get(`head-${datasetId}`, 'Learned from decisions', `head of dataset ${datasetId}`)!;
    return Number(insertRun.run(datasetId, id, createdMs, createdMs).lastInsertRowid);
  }

  return {
    get(runId: number): StoredHead | undefined {
      const row = get.get(runId);
      return row && read(row);
    },

    /** The one whose predictions count. */
    current(datasetId: number): StoredHead | undefined {
      const row = current.get(datasetId);
      return row && read(row);
    },

    currentRunId: (datasetId: number): number | null => currentSummary.get(datasetId)?.runId ?? null,

    /** Newest first. */
    summaries: (datasetId: number): HeadSummary[] =>
      summaries
        .all(datasetId)
        .map(({ runId, createdMs, exampleCount, categoryCount, accuracy, current: isCurrent }) => ({
          runId,
          createdMs,
          exampleCount,
          categoryCount,
          accuracy: JSON.parse(accuracy) as Interval | null,
          current: Boolean(isCurrent),
        })),

    /**
     * Store a head and make it the one that counts.
     *
     * @param head.runId  the version to replace; null for a new one
     * @returns           the version
     */
    put: db.transaction((head: Omit<StoredHead, 'runId' | 'current'> & { runId: number | null }): number => {
      const { datasetId, createdMs, model } = head;
      const runId = head.runId ?? makeRun(datasetId, createdMs);
      const weights = new Float32Array(model.weights.length + model.biases.length);
      weights.set(model.weights);
      weights.set(model.biases, model.weights.length);
      insert.run({
        runId,
        datasetId,
        modelName: head.modelName,
        createdMs,
        multiLabel: model.multiLabel ? 1 : 0,
        exampleCount: head.exampleCount,
        categoryIds: JSON.stringify(model.categoryIds),
        weights: Buffer.from(weights.buffer),
        width: model.width,
        temperature: model.temperature,
        settings: JSON.stringify(head.settings),
        accuracy: JSON.stringify(head.accuracy),
      });
      setCurrent.run(runId, datasetId);
      for (const version of old.all(datasetId, versionLimit - 1)) remove.run(version.runId);
      return runId;
    }),

    /** @param runId  null: no head counts, predictions are the model's */
    setCurrent: (datasetId: number, runId: number | null) => void setCurrent.run(runId ?? -1, datasetId),
    setSettings: (runId: number, settings: HeadSettings) => void setSettings.run(JSON.stringify(settings), runId),
    setAccuracy: (runId: number, accuracy: Interval | null) => void setAccuracy.run(JSON.stringify(accuracy), runId),

    /** Datasets whose predictions are on the way from one version to another: a stop or a crash cut that off. */
    unapplied: (): number[] => unapplied.all().map(({ datasetId }) => datasetId),
  };
}
