/** @file The `image_marks` table: flags and notes, which say nothing about what a picture shows. */
import type { Database } from './database.ts';

export type Marks = [flagged: 0 | 1, note: string];

export function marksTable(db: Database) {
  const get = db.prepare<[number], Marks>(/* sql */ `SELECT flagged, note FROM image_marks WHERE image_id = ?`).raw();
  const set = db.prepare<[number, number, string]>(/* sql */ `
    INSERT INTO image_marks (image_id, flagged, note) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET flagged = excluded.flagged, note = excluded.note
  `);
  const remove = db.prepare<[number]>(/* sql */ `DELETE FROM image_marks WHERE image_id = ?`);

  return {
    get: (imageId: number): Marks => get.get(imageId) ?? [0, ''],
    set(imageId: number, [flagged, note]: Marks): void {
      if (flagged || note !== '') set.run(imageId, flagged, note);
      else remove.run(imageId);
    },
  };
}
