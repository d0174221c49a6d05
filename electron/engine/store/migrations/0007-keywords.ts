/** @file Which words this app wrote beside and inside photos, and what was there before. */

export const keywords = /* sql */ `
-- The newest export of each dataset, for going back; none once that was done.
CREATE TABLE keyword_exports (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  dataset_id  INTEGER NOT NULL UNIQUE REFERENCES datasets (id) ON DELETE CASCADE
) STRICT;
CREATE TABLE keywords (
  image_id     INTEGER NOT NULL REFERENCES images (id) ON DELETE CASCADE,
  place        TEXT NOT NULL,
  -- Of keyword_exports: the one that wrote last; 0: nothing to go back to.
  export_id    INTEGER NOT NULL,
  -- JSON, see store/keywords.ts: the file as this app left it, and before that.
  now          TEXT,
  before       TEXT,
  -- A sidecar before that, deflated; null: there was none.
  before_bytes BLOB,
  -- What is being written: it holds if the file has it, whatever stopped us in between.
  next         TEXT,
  next_bytes   BLOB,
  PRIMARY KEY (image_id, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX keywords_of_export ON keywords (export_id, image_id);
CREATE INDEX keywords_in_doubt ON keywords (image_id) WHERE next IS NOT NULL;
`;
