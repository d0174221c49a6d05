/** @file Categories of the person's own in a tree, notes and flags, and heads learned from decisions. */

export const learning = /* sql */ `
-- One more review state. Building the table of a million pictures anew for a longer CHECK would take minutes; changing
-- its text is what SQLite's own manual describes for constraints that grow (https://sqlite.org/lang_altertable.html, 7).
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, '''corrected'', ''skipped''', '''corrected'', ''unsure'', ''skipped''')
WHERE type = 'table' AND name = 'images';
PRAGMA writable_schema = RESET;

ALTER TABLE datasets ADD COLUMN multi_label INTEGER NOT NULL DEFAULT 0 CHECK (multi_label IN (0, 1));
ALTER TABLE datasets ADD COLUMN learn TEXT NOT NULL DEFAULT 'extend' CHECK (learn IN ('off', 'extend', 'closed'));
-- A person went back to an earlier head, or to the model: 1 until learning is switched on again.
ALTER TABLE datasets ADD COLUMN learn_held INTEGER NOT NULL DEFAULT 0 CHECK (learn_held IN (0, 1));
-- JSON: [{ categoryId, below, then }, …]
ALTER TABLE datasets ADD COLUMN rules TEXT NOT NULL DEFAULT '[]';

ALTER TABLE categories ADD COLUMN parent_id INTEGER REFERENCES categories (id);
ALTER TABLE categories ADD COLUMN threshold REAL;
-- Only holds others together.
ALTER TABLE categories ADD COLUMN grouping INTEGER NOT NULL DEFAULT 0 CHECK (grouping IN (0, 1));
-- What it was merged into: it stands for that one wherever a row still names it.
ALTER TABLE categories ADD COLUMN merged_into INTEGER REFERENCES categories (id);
-- What a model calls it: by that the next run finds it, whatever a person calls it. Null for a person's own.
ALTER TABLE categories ADD COLUMN label TEXT;
UPDATE categories SET label = name WHERE supercategory <> '' OR wordnet_id IS NOT NULL;
-- 1: making it was undone. Rows of heads and of the log may still name it.
ALTER TABLE categories ADD COLUMN removed INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1));
CREATE INDEX categories_by_label ON categories (dataset_id, label) WHERE label IS NOT NULL;
-- A run or a head that began before a merge goes on writing what it knew.
CREATE TRIGGER images_merged AFTER UPDATE OF top_category_id ON images
WHEN (SELECT merged_into FROM categories WHERE id = NEW.top_category_id) IS NOT NULL BEGIN
  UPDATE images SET
    top_category_id = (SELECT merged_into FROM categories WHERE id = NEW.top_category_id),
    category_id = COALESCE(
      (SELECT merged_into FROM categories WHERE id = NEW.category_id), NEW.category_id
    )
  WHERE id = NEW.id;
END;
CREATE INDEX categories_by_parent ON categories (dataset_id, parent_id);

-- 1: the predictions of the run were made by a head from embeddings; its model is a row of that dataset alone.
ALTER TABLE runs ADD COLUMN is_head INTEGER NOT NULL DEFAULT 0 CHECK (is_head IN (0, 1));
-- The head whose predictions count, beside the run of the model; null: the model's do.
ALTER TABLE images ADD COLUMN head_run_id INTEGER REFERENCES runs (id);
CREATE INDEX images_by_head ON images (head_run_id) WHERE head_run_id IS NOT NULL;

CREATE TABLE heads (
  run_id         INTEGER PRIMARY KEY REFERENCES runs (id),
  dataset_id     INTEGER NOT NULL REFERENCES datasets (id),
  -- Of the model whose embeddings it reads, without its form.
  model_name     TEXT NOT NULL,
  created_ms     INTEGER NOT NULL,
  is_current     INTEGER NOT NULL DEFAULT 0 CHECK (is_current IN (0, 1)),
  multi_label    INTEGER NOT NULL CHECK (multi_label IN (0, 1)),
  example_count  INTEGER NOT NULL,
  -- JSON: category ids in the order of the rows of weights
  category_ids   TEXT NOT NULL,
  -- float32, little endian: C rows of D weights for embeddings of length 1, then C biases
  weights        BLOB NOT NULL,
  width          INTEGER NOT NULL,
  temperature    REAL NOT NULL,
  -- JSON: what else it takes to predict as it did
  settings       TEXT NOT NULL DEFAULT '{}',
  -- JSON: Interval, or null
  accuracy       TEXT NOT NULL DEFAULT 'null'
) STRICT;
CREATE INDEX heads_by_dataset ON heads (dataset_id, run_id);

-- Few pictures have any; a row without a flag and a note is deleted.
CREATE TABLE image_marks (
  image_id  INTEGER PRIMARY KEY REFERENCES images (id),
  flagged   INTEGER NOT NULL DEFAULT 0 CHECK (flagged IN (0, 1)),
  note      TEXT NOT NULL DEFAULT ''
) STRICT;

-- What was decided against what was predicted, without a look at the pictures.
CREATE INDEX images_decided_by_top ON images (dataset_id, top_category_id, id, category_id, review)
WHERE review IN ('accepted', 'corrected');

-- 0: the first category of the picture, which is also in images.category_id; from 1 on those beside it.
ALTER TABLE annotations ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
CREATE INDEX annotations_beside ON annotations (category_id, image_id, place) WHERE place > 0;

-- Categories of pictures beside the first one, which image_counts has; missing pictures left out.
CREATE TABLE beside_counts (
  source_id    INTEGER NOT NULL,
  category_id  INTEGER NOT NULL,
  n            INTEGER NOT NULL,
  PRIMARY KEY (source_id, category_id)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER annotations_count_insert AFTER INSERT ON annotations WHEN NEW.place > 0 BEGIN
  INSERT INTO beside_counts
    SELECT source_id, NEW.category_id, 1 FROM images WHERE id = NEW.image_id AND status <> 'missing'
  ON CONFLICT DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER annotations_count_delete AFTER DELETE ON annotations WHEN OLD.place > 0 BEGIN
  UPDATE beside_counts SET n = n - 1
  WHERE source_id = (SELECT source_id FROM images WHERE id = OLD.image_id AND status <> 'missing')
    AND category_id = OLD.category_id;
END;
CREATE TRIGGER images_count_beside AFTER UPDATE OF source_id, status ON images
WHEN OLD.source_id <> NEW.source_id OR (OLD.status = 'missing') <> (NEW.status = 'missing') BEGIN
  UPDATE beside_counts SET n = n - 1
  WHERE OLD.status <> 'missing' AND source_id = OLD.source_id
    AND category_id IN (SELECT category_id FROM annotations WHERE image_id = NEW.id AND place > 0);
  INSERT INTO beside_counts
    SELECT NEW.source_id, category_id, 1 FROM annotations
    WHERE image_id = NEW.id AND place > 0 AND NEW.status <> 'missing'
  ON CONFLICT DO UPDATE SET n = n + 1;
END;

-- JSON: [flagged, note]; null where a step leaves them alone
ALTER TABLE decision_images ADD COLUMN marks_before TEXT;
ALTER TABLE decision_images ADD COLUMN marks_after TEXT;
-- JSON: [{ id, …the columns that a step changed }, …] of categories, before and after it; null where it changes none
ALTER TABLE decisions ADD COLUMN categories_before TEXT;
ALTER TABLE decisions ADD COLUMN categories_after TEXT;
-- JSON: what else an action says; see unfinished-steps.ts
ALTER TABLE unfinished_steps ADD COLUMN detail TEXT NOT NULL DEFAULT '{}';
`;
