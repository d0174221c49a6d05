/** @file What pictures look like, for finding copies, and what a person saw when they decided. */

export const looks = /* sql */ `
-- 64 bits of each picture (see perceptual-hash.ts), of the content that a run decoded. Missing until the next run.
CREATE TABLE perceptual_hashes (
  image_id      INTEGER PRIMARY KEY REFERENCES images (id) ON DELETE CASCADE,
  content_hash  TEXT NOT NULL,
  bits          BLOB NOT NULL
) STRICT;

-- The best prediction when a picture was decided, before anything was learned from that; null while it is undecided.
ALTER TABLE images ADD COLUMN shown_category_id INTEGER;
ALTER TABLE images ADD COLUMN shown_score REAL;
-- What a head says of pictures it learned from is no prediction: of those decided so far it is what the model said.
UPDATE images SET (shown_category_id, shown_score) = (
  SELECT category_id, score FROM predictions WHERE run_id = images.run_id AND image_id = images.id AND rank = 1
) WHERE review IN ('accepted', 'corrected');
CREATE INDEX images_decided_by_shown ON images (dataset_id, shown_category_id, id)
WHERE review IN ('accepted', 'corrected');
`;
