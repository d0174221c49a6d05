/** @file The `datasets` and `sources` tables, and the counts kept for them. */
import { basename } from 'node:path';
import type { ReviewRule } from '#core/category.ts';
import type { Source } from '#core/dataset.ts';
import { AppError } from '#core/errors.ts';
import type { ImageStatus, ReviewState } from '#core/image.ts';
import type { LearnMode } from '#core/learn.ts';
import type { Database } from './database.ts';

export interface SourceRow {
  id: number;
  datasetId: number;
  folder: string;
  deviceId: string | null;
}

export interface Counts {
  imageCount: number;
  byStatus: Record<ImageStatus, number>;
  byReview: Record<ReviewState, number>;
}

/** How a dataset is reviewed and learned from. */
export interface ReviewWay {
  multiLabel: boolean;
  learn: LearnMode;
  /** A person went back to an earlier head or to the model's predictions. */
  held: boolean;
  rules: ReviewRule[];
}

export function datasetsTable(db: Database) {
  const list = db.prepare<[], { id: number; name: string }>(
    /* sql */ `SELECT id, name FROM datasets WHERE archived = 0 ORDER BY id DESC`,
  );
  const get = db.prepare<[number], { id: number; name: string }>(
    /* sql */ `SELECT id, name FROM datasets WHERE id = ? AND archived = 0`,
  );
  const insert = db.prepare<[string]>(/* sql */ `INSERT INTO datasets (name) VALUES (?)`);
  const rename = db.prepare<[string, number]>(/* sql */ `UPDATE datasets SET name = ? WHERE id = ?`);
  const archive = db.prepare<[number]>(/* sql */ `UPDATE datasets SET archived = 1 WHERE id = ?`);
  const restore = db.prepare<[number]>(/* sql */ `UPDATE datasets SET archived = 0 WHERE id = ?`);
  const nextScan = db.prepare<[number], { sequence: number }>(/* sql */ `
    UPDATE datasets SET scan_sequence = scan_sequence + 1 WHERE id = ? RETURNING scan_sequence AS sequence
  `);
  const byFolders = db.prepare<[string], { datasetId: number }>(/* sql */ `
    SELECT dataset_id AS datasetId FROM sources WHERE removed = 0
    GROUP BY dataset_id
    HAVING json_group_array(folder ORDER BY folder) = ?
    ORDER BY dataset_id DESC
  `);
  const addSource = db.prepare<[number, string]>(/* sql */ `
    INSERT INTO sources (dataset_id, folder) VALUES (?, ?)
    ON CONFLICT (dataset_id, folder) DO UPDATE SET removed = 0 WHERE removed = 1
  `);
  const removeSource = db.prepare<[number], { datasetId: number }>(/* sql */ `
    UPDATE sources SET removed = 1 WHERE id = ? RETURNING dataset_id AS datasetId
  `);
  const sources = db.prepare<[number], SourceRow>(/* sql */ `
    SELECT id, dataset_id AS datasetId, folder, device_id AS deviceId FROM sources
    WHERE dataset_id = ? AND removed = 0 ORDER BY id
  `);
  const sourceSummaries = db.prepare<[number], Omit<Source, 'reachable'> & { reachable: 0 | 1 }>(/* sql */ `
    SELECT sources.id, folder, reachable,
           COALESCE((SELECT SUM(n) FROM image_counts WHERE source_id = sources.id AND status <> 'missing'), 0) AS imageCount
    FROM sources WHERE dataset_id = ? AND removed = 0 ORDER BY id
  `);
  const setReachable = db.prepare<[number, string | null, number]>(
    /* sql */ `UPDATE sources SET reachable = ?, device_id = COALESCE(?, device_id) WHERE id = ?`,
  );
  const counts = db.prepare<[number], { status: ImageStatus; review: ReviewState; n: number }>(/* sql */ `
    SELECT status, review, SUM(n) AS n FROM image_counts
    JOIN sources ON sources.id = image_counts.source_id
    WHERE sources.dataset_id = ? AND removed = 0
    GROUP BY status, review
  `);

  const way = db.prepare<[number], { multiLabel: 0 | 1; learn: LearnMode; held: 0 | 1; rules: string }>(/* sql */ `
    SELECT multi_label AS multiLabel, learn, learn_held AS held, rules FROM datasets WHERE id = ?
  `);
  const setWay = db.prepare<[number, string, number, string, number]>(
    /* sql */ `UPDATE datasets SET multi_label = ?, learn = ?, learn_held = ?, rules = ? WHERE id = ?`,
  );

  const create = db.transaction((folders: readonly string[], name: string) => {
    const datasetId = Number(insert.run(name).lastInsertRowid);
    for (const folder of folders) addSource.run(datasetId, folder);
    return datasetId;
  });

  return {
    list: () => list.all(),

    /** @throws {AppError} 'not-found' */
    get(datasetId: number) {
      const dataset = get.get(datasetId);
      if (!dataset) throw new AppError('not-found', `There is no dataset ${datasetId}`);
      return dataset;
    },

    /** The dataset of exactly these folders (an archived one comes back), else a new one. */
    open(folders: readonly string[], name?: string): { datasetId: number; created: boolean } {
      const unique = [...new Set(folders)].sort();
      const existing = byFolders.get(JSON.stringify(unique));
      if (existing) {
        restore.run(existing.datasetId);
        return { ...existing, created: false };
      }
      const fallback = unique.map((folder) => basename(folder) || folder).join(', ');
      return { datasetId: create(unique, (name ?? fallback).slice(0, 200)), created: true };
    },

    /** @throws {AppError} 'not-found' */
    way(datasetId: number): ReviewWay {
      const stored = way.get(datasetId);
      if (!stored) throw new AppError('not-found', `There is no dataset ${datasetId}`);
      const { multiLabel, learn, held, rules } = stored;
      return { multiLabel: Boolean(multiLabel), learn, held: Boolean(held), rules: JSON.parse(rules) as ReviewRule[] };
    },
    setWay: (datasetId: number, { multiLabel, learn, held, rules }: ReviewWay) =>
      void setWay.run(Number(multiLabel), learn, Number(held), JSON.stringify(rules), datasetId),
    rename: (datasetId: number, name: string) => void rename.run(name, datasetId),
    archive: (datasetId: number) => void archive.run(datasetId),
    addSource: (datasetId: number, folder: string): boolean => addSource.run(datasetId, folder).changes > 0,
    removeSource: (sourceId: number) => removeSource.get(sourceId)?.datasetId,
    sources: (datasetId: number) => sources.all(datasetId),
    sourceSummaries: (datasetId: number): Source[] =>
      sourceSummaries.all(datasetId).map((source) => ({ ...source, reachable: Boolean(source.reachable) })),
    setReachable: (sourceId: number, reachable: boolean, deviceId: string | null) =>
      void setReachable.run(reachable ? 1 : 0, deviceId, sourceId),
    nextScan: (datasetId: number): number => nextScan.get(datasetId)!.sequence,

    counts(datasetId: number): Counts {
      const result: Counts = {
        imageCount: 0,
        byStatus: { pending: 0, done: 0, failed: 0, missing: 0 },
        byReview: { unreviewed: 0, accepted: 0, corrected: 0, unsure: 0, skipped: 0 },
      };
      for (const { status, review, n } of counts.all(datasetId)) {
        result.imageCount += n;
        result.byStatus[status] += n;
        result.byReview[review] += n;
      }
      return result;
    },
  };
}
