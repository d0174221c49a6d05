/** @file Exports under a name, some of them kept in step with a dataset. */

export const profiles = /* sql */ `
CREATE TABLE export_profiles (
  id          INTEGER PRIMARY KEY,
  -- Null: for every dataset.
  dataset_id  INTEGER REFERENCES datasets (id) ON DELETE CASCADE,
  name        TEXT NOT NULL,
  format      TEXT NOT NULL,
  -- JSON, see core/export-options.ts.
  options     TEXT NOT NULL,
  -- Absolute; null: a preset without a file.
  path        TEXT,
  kept        INTEGER NOT NULL DEFAULT 0 CHECK (kept IN (0, 1)),
  written_ms  INTEGER,
  problem     TEXT
) STRICT;
CREATE UNIQUE INDEX export_profiles_by_name ON export_profiles (COALESCE(dataset_id, 0), name);
`;
