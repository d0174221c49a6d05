/** @file What a library of a million pictures needs: states that few are in found at once, long steps in pieces. */

export const growth = /* sql */ `
CREATE INDEX images_by_review ON images (dataset_id, review, id);

-- Decisions about many pictures that are being written piece by piece, until all of it is. There is at most one.
CREATE TABLE unfinished_steps (
  id           INTEGER PRIMARY KEY CHECK (id = 1),
  dataset_id   INTEGER NOT NULL REFERENCES datasets (id),
  direction    TEXT NOT NULL CHECK (direction IN ('decide', 'undo', 'redo')),
  -- Null until a picture was changed, which makes the step.
  sequence     INTEGER REFERENCES decisions (sequence),
  kind         TEXT NOT NULL,
  category_id  INTEGER REFERENCES categories (id),
  -- 'decide': how many of its pictures are behind us; otherwise the last picture that is.
  position     INTEGER NOT NULL
) STRICT;
-- Beside it, because a row is written as a whole whenever the step comes further.
CREATE TABLE unfinished_images (
  id         INTEGER PRIMARY KEY REFERENCES unfinished_steps (id),
  -- 4 bytes a picture, little endian, in the order of the view.
  image_ids  BLOB NOT NULL
) STRICT;
`;
