/** @file The first schema. */

export const start = /* sql */ `
CREATE TABLE library (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE datasets (
  id               INTEGER PRIMARY KEY,
  name             TEXT NOT NULL,
  archived         INTEGER NOT NULL DEFAULT 0 CHECK (archived IN (0, 1)),
  scan_sequence    INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE sources (
  id          INTEGER PRIMARY KEY,
  dataset_id  INTEGER NOT NULL REFERENCES datasets (id),
  folder      TEXT NOT NULL,
  device_id   TEXT,
  reachable   INTEGER NOT NULL DEFAULT 1 CHECK (reachable IN (0, 1)),
  removed     INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1)),
  UNIQUE (dataset_id, folder)
) STRICT;

CREATE TABLE categories (
  id             INTEGER PRIMARY KEY,
  dataset_id     INTEGER NOT NULL REFERENCES datasets (id),
  name           TEXT NOT NULL,
  supercategory  TEXT NOT NULL DEFAULT '',
  wordnet_id     TEXT,
  colour         TEXT,
  hotkey         TEXT,
  UNIQUE (dataset_id, name)
) STRICT;

CREATE TABLE models (
  id      INTEGER PRIMARY KEY,
  name    TEXT NOT NULL,
  title   TEXT NOT NULL,
  sha256  TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE runs (
  id              INTEGER PRIMARY KEY,
  dataset_id      INTEGER NOT NULL REFERENCES datasets (id),
  model_id        INTEGER NOT NULL REFERENCES models (id),
  top_k           INTEGER NOT NULL,
  settings        TEXT NOT NULL,
  state           TEXT NOT NULL CHECK (state IN ('running', 'paused', 'finished', 'cancelled', 'failed')),
  reason          TEXT,
  started_ms      INTEGER NOT NULL,
  ended_ms        INTEGER
) STRICT;
CREATE INDEX runs_by_dataset ON runs (dataset_id, id);

CREATE TABLE images (
  id             INTEGER PRIMARY KEY,
  dataset_id     INTEGER NOT NULL REFERENCES datasets (id),
  source_id      INTEGER NOT NULL REFERENCES sources (id),
  path           TEXT NOT NULL,
  name           TEXT NOT NULL,
  size_bytes     INTEGER NOT NULL,
  modified_ms    INTEGER NOT NULL,
  content_hash   TEXT,
  width          INTEGER,
  height         INTEGER,
  format         TEXT,
  status         TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'done', 'failed', 'missing')),
  error_code     TEXT,
  error_message  TEXT,
  review         TEXT NOT NULL DEFAULT 'unreviewed'
                   CHECK (review IN ('unreviewed', 'accepted', 'corrected', 'skipped')),
  run_id         INTEGER REFERENCES runs (id),
  top_category_id INTEGER REFERENCES categories (id),
  top_score      REAL,
  margin         REAL,
  parent_name    TEXT,
  parent_score   REAL,
  -- What counts: the first decided category, else the best prediction.
  category_id    INTEGER REFERENCES categories (id),
  seen_scan      INTEGER NOT NULL DEFAULT 0,
  UNIQUE (source_id, path)
) STRICT;
CREATE INDEX images_pending ON images (dataset_id, id) WHERE status = 'pending';
CREATE INDEX images_by_path ON images (dataset_id, path, id);
CREATE INDEX images_by_date ON images (dataset_id, modified_ms, id);
CREATE INDEX images_by_score ON images (dataset_id, top_score, id);
CREATE INDEX images_by_margin ON images (dataset_id, margin, id);
CREATE INDEX images_by_category ON images (dataset_id, category_id, id);
CREATE INDEX images_missing ON images (dataset_id, size_bytes) WHERE status = 'missing';
CREATE INDEX images_failed ON images (dataset_id, id) WHERE status = 'failed';
CREATE INDEX images_by_run ON images (run_id) WHERE run_id IS NOT NULL;

CREATE TABLE predictions (
  run_id       INTEGER NOT NULL REFERENCES runs (id),
  image_id     INTEGER NOT NULL REFERENCES images (id),
  rank         INTEGER NOT NULL,
  category_id  INTEGER NOT NULL REFERENCES categories (id),
  score        REAL NOT NULL,
  PRIMARY KEY (run_id, image_id, rank)
) STRICT, WITHOUT ROWID;

CREATE TABLE embeddings (
  model_id  INTEGER NOT NULL REFERENCES models (id),
  image_id  INTEGER NOT NULL REFERENCES images (id),
  -- float16, little endian, D values
  features  BLOB NOT NULL,
  PRIMARY KEY (model_id, image_id)
) STRICT;

CREATE TABLE annotations (
  image_id     INTEGER NOT NULL REFERENCES images (id),
  category_id  INTEGER NOT NULL REFERENCES categories (id),
  source       TEXT NOT NULL CHECK (source IN ('person', 'accepted', 'import')),
  sequence     INTEGER NOT NULL,
  PRIMARY KEY (image_id, category_id)
) STRICT, WITHOUT ROWID;

-- Append-only: what a person did, with the state before and after each step, so that undo survives a restart.
CREATE TABLE decisions (
  sequence    INTEGER PRIMARY KEY,
  dataset_id  INTEGER NOT NULL REFERENCES datasets (id),
  kind        TEXT NOT NULL,
  category    TEXT,
  decided_ms  INTEGER NOT NULL,
  -- 'undone' can be redone; a new decision makes it 'dropped'.
  state       TEXT NOT NULL DEFAULT 'done' CHECK (state IN ('done', 'undone', 'dropped'))
) STRICT;
CREATE INDEX decisions_by_state ON decisions (dataset_id, state, sequence);

CREATE TABLE decision_images (
  sequence       INTEGER NOT NULL REFERENCES decisions (sequence),
  image_id       INTEGER NOT NULL REFERENCES images (id),
  review_before  TEXT NOT NULL,
  review_after   TEXT NOT NULL,
  -- JSON: [[category_id, source], …]
  annotations_before TEXT NOT NULL,
  annotations_after  TEXT NOT NULL,
  PRIMARY KEY (sequence, image_id)
) STRICT, WITHOUT ROWID;

-- Pictures handed to the decoder and not answered yet. After a crash they tell whom to suspect.
CREATE TABLE in_flight (
  image_id  INTEGER PRIMARY KEY REFERENCES images (id),
  run_id    INTEGER NOT NULL REFERENCES runs (id),
  -- Crashes while this picture was being processed; kills from outside count apart.
  crashes   INTEGER NOT NULL DEFAULT 0,
  kills     INTEGER NOT NULL DEFAULT 0,
  active    INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1))
) STRICT;

CREATE TABLE scan_problems (
  id         INTEGER PRIMARY KEY,
  source_id  INTEGER NOT NULL REFERENCES sources (id),
  path       TEXT NOT NULL,
  code       TEXT NOT NULL,
  message    TEXT NOT NULL
) STRICT;
CREATE INDEX scan_problems_by_source ON scan_problems (source_id);

-- How many pictures of each kind, so that no list ever counts them.
CREATE TABLE image_counts (
  source_id    INTEGER NOT NULL,
  status       TEXT NOT NULL,
  review       TEXT NOT NULL,
  category_id  INTEGER NOT NULL,
  n            INTEGER NOT NULL,
  PRIMARY KEY (source_id, status, review, category_id)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER images_count_insert AFTER INSERT ON images BEGIN
  INSERT INTO image_counts VALUES (NEW.source_id, NEW.status, NEW.review, COALESCE(NEW.category_id, 0), 1)
  ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER images_count_update AFTER UPDATE OF source_id, status, review, category_id ON images
WHEN OLD.status <> NEW.status OR OLD.review <> NEW.review OR OLD.source_id <> NEW.source_id
  OR OLD.category_id IS NOT NEW.category_id BEGIN
  UPDATE image_counts SET n = n - 1
  WHERE source_id = OLD.source_id AND status = OLD.status AND review = OLD.review
    AND category_id = COALESCE(OLD.category_id, 0);
  INSERT INTO image_counts VALUES (NEW.source_id, NEW.status, NEW.review, COALESCE(NEW.category_id, 0), 1)
  ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER images_count_delete AFTER DELETE ON images BEGIN
  UPDATE image_counts SET n = n - 1
  WHERE source_id = OLD.source_id AND status = OLD.status AND review = OLD.review
    AND category_id = COALESCE(OLD.category_id, 0);
END;
`;
