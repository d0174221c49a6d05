/** @file The `export_profiles` table: exports under a name, some of them kept in step with a dataset. */
import type { ExportOptions } from '#core/export-options.ts';
import type { WriteProblem } from '#core/export-profile.ts';
import type { Database } from './database.ts';

export interface StoredProfile {
  id: number;
  datasetId: number | null;
  name: string;
  format: string;
  options: ExportOptions;
  /** Absolute; null for a preset. */
  path: string | null;
  kept: boolean;
  writtenMs: number | null;
  problem: WriteProblem | null;
}

type Row = Omit<StoredProfile, 'options' | 'kept' | 'problem'> & {
  options: string;
  kept: 0 | 1;
  /** A `WriteProblem` as JSON; libraries of older versions have its message alone. */
  problem: string | null;
};

const columns = 'id, dataset_id AS datasetId, name, format, options, path, kept, written_ms AS writtenMs, problem';
const fromRow = (row: Row): StoredProfile => ({
  ...row,
  options: JSON.parse(row.options) as ExportOptions,
  kept: row.kept === 1,
  problem: row.problem === null ? null : problemOf(row.problem),
});

function problemOf(text: string): WriteProblem {
  return text.startsWith('{')
    ? (JSON.parse(text) as WriteProblem)
    : { code: 'export.failed', errno: null, message: text };
}

export function exportProfilesTable(db: Database) {
  const get = db.prepare<[number], Row>(/* sql */ `SELECT ${columns} FROM export_profiles WHERE id = ?`);
  const list = db.prepare<[number], Row>(
    /* sql */ `SELECT ${columns} FROM export_profiles WHERE dataset_id IS NULL OR dataset_id = ? ORDER BY name`,
  );
  const kept = db.prepare<[], Row>(/* sql */ `SELECT ${columns} FROM export_profiles WHERE kept = 1`);
  const save = db
    .prepare<Omit<Row, 'id' | 'writtenMs' | 'problem'>, number>(
      /* sql */ `
      INSERT INTO export_profiles (dataset_id, name, format, options, path, kept)
      VALUES (:datasetId, :name, :format, :options, :path, :kept)
      ON CONFLICT (COALESCE(dataset_id, 0), name) DO UPDATE SET
        format = excluded.format, options = excluded.options, path = excluded.path, kept = excluded.kept,
        written_ms = NULL, problem = NULL
      RETURNING id
    `,
    )
    .pluck();
  const remove = db.prepare<[number]>(/* sql */ `DELETE FROM export_profiles WHERE id = ?`);
  const setKept = db.prepare<[0 | 1, number]>(/* sql */ `UPDATE export_profiles SET kept = ? WHERE id = ?`);
  const setWritten = db.prepare<[number, number]>(
    /* sql */ `UPDATE export_profiles SET written_ms = ?, problem = NULL WHERE id = ?`,
  );
  const setProblem = db.prepare<[string, number]>(/* sql */ `UPDATE export_profiles SET problem = ? WHERE id = ?`);

  return {
    get(profileId: number): StoredProfile | undefined {
      const row = get.get(profileId);
      return row && fromRow(row);
    },
    /** Of the dataset and those for all datasets, by name. */
    list: (datasetId: number): StoredProfile[] => list.all(datasetId).map(fromRow),
    /** Those whose files are to be in step, of all datasets. */
    kept: (): StoredProfile[] => kept.all().map(fromRow),
    /** One of the same dataset and name is replaced. @returns its id */
    save: ({ options, kept, ...profile }: Omit<StoredProfile, 'id' | 'writtenMs' | 'problem'>): number =>
      save.get({ ...profile, options: JSON.stringify(options), kept: kept ? 1 : 0 })!,
    remove: (profileId: number) => void remove.run(profileId),
    setKept: (profileId: number, on: boolean) => void setKept.run(on ? 1 : 0, profileId),
    setWritten: (profileId: number, writtenMs: number) => void setWritten.run(writtenMs, profileId),
    setProblem: (profileId: number, problem: WriteProblem) => void setProblem.run(JSON.stringify(problem), profileId),
  };
}
