/** @file Every three letters in a row of each path, so that a search need not read a million of them. */

export const search = /* sql */ `
-- Only where letters stand together, not the paths: those are in images, which has the last word.
CREATE VIRTUAL TABLE image_paths USING fts5 (
  path, content = '', contentless_delete = 1, tokenize = 'trigram case_sensitive 0', detail = 'none'
);
INSERT INTO image_paths (rowid, path) SELECT id, path FROM images;

CREATE TRIGGER images_path_insert AFTER INSERT ON images BEGIN
  INSERT INTO image_paths (rowid, path) VALUES (NEW.id, NEW.path);
END;
CREATE TRIGGER images_path_update AFTER UPDATE OF path ON images WHEN OLD.path <> NEW.path BEGIN
  DELETE FROM image_paths WHERE rowid = OLD.id;
  INSERT INTO image_paths (rowid, path) VALUES (NEW.id, NEW.path);
END;
CREATE TRIGGER images_path_delete AFTER DELETE ON images BEGIN
  DELETE FROM image_paths WHERE rowid = OLD.id;
END;
`;
