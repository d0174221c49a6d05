/** @file What pictures look like, for finding copies, and what a person saw when they decided. */

export const looks = /* sql */ `
-- 64 bits of each picture (see perceptual-hash.ts), of the content that a run decoded. Missing until the next run.
CREATE TABLE perceptual_hashes (
  image_id      INTEGER PRIMARY KEY REFERENCES images (id) ON DELETE CASCADE,
  content_hash  TEXT NOT NULL,
  bits          BLOB NOT NULL
) STRICT;

-- The best prediction when it was decided, before anything was learned from that; null for what was decided earlier.
ALTER TABLE decision_images ADD COLUMN shown_category_id INTEGER;
ALTER TABLE decision_images ADD COLUMN shown_score REAL;
`;
