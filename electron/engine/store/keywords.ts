/** @file The `keywords` table: what this app wrote beside and inside photos. */
import type { KeywordPlace } from '#core/keywords.ts';
import type { Fields } from '../keywords/words.ts';
import type { Database } from './database.ts';

/** A file as this app left it. */
export interface LeftFile {
  /** SHA-256 of its bytes in hex; null: there is no such file. */
  hash: string | null;
  /** Words in it that are this app's. */
  ours: Fields;
  /** All words in it, where it holds nothing else because this app made it; else null. */
  only: Fields | null;
}

/** A file about to be replaced. */
export interface Step {
  imageId: number;
  place: KeywordPlace;
  exportId: number;
  now: LeftFile;
  before: LeftFile | null;
  /** Deflated. */
  beforeBytes: Uint8Array | null;
  /** Photos only. */
  photo: { sizeBytes: number; modifiedMs: number; contentHash: string } | null;
}

export interface KeptKeywords {
  exportId: number;
  now: LeftFile | null;
  before: LeftFile | null;
  beforeBytes: Uint8Array | null;
}

/** What a picture is to whoever writes its keywords. */
export interface KeywordImage {
  imageId: number;
  folder: string;
  path: string;
  status: string;
  sizeBytes: number;
  modifiedMs: number;
  contentHash: string | null;
}

/** Exported for the test on query plans. */
export const keywordsSql = {
  doubtful: /* sql */ `
    SELECT image_id AS imageId, place, next FROM keywords INDEXED BY keywords_in_doubt WHERE next IS NOT NULL
  `,
  ofExport: /* sql */ `
    SELECT image_id, place FROM keywords INDEXED BY keywords_of_export
    WHERE export_id = ? AND image_id > ? ORDER BY image_id LIMIT ?
  `,
  countOf: /* sql */ `SELECT COUNT(*) FROM keywords WHERE export_id = ?`,
  newest: /* sql */ `SELECT id FROM keyword_exports WHERE dataset_id = ?`,
};

export type KeywordsTable = ReturnType<typeof keywordsTable>;

export function keywordsTable(db: Database) {
  const image = db.prepare<[number], KeywordImage>(/* sql */ `
    SELECT images.id AS imageId, folder, path, status, size_bytes AS sizeBytes, modified_ms AS modifiedMs,
      content_hash AS contentHash
    FROM images JOIN sources ON sources.id = images.source_id WHERE images.id = ?
  `);
  const kept = db.prepare<
    [number, KeywordPlace],
    { exportId: number; now: string | null; before: string | null; beforeBytes: Uint8Array | null }
  >(/* sql */ `
    SELECT export_id AS exportId, now, before, before_bytes AS beforeBytes
    FROM keywords WHERE image_id = ? AND place = ?
  `);
  const stage = db.prepare<[number, KeywordPlace, string, Uint8Array | null]>(/* sql */ `
    INSERT INTO keywords (image_id, place, export_id, next, next_bytes) VALUES (?, ?, 0, ?, ?)
    ON CONFLICT (image_id, place) DO UPDATE SET next = excluded.next, next_bytes = excluded.next_bytes
  `);
  const settle = db.prepare<[number, string, string | null, number, KeywordPlace]>(/* sql */ `
    UPDATE keywords SET export_id = ?, now = ?, before = ?, before_bytes = next_bytes, next = NULL, next_bytes = NULL
    WHERE image_id = ? AND place = ?
  `);
  const drop = db.prepare<[number, KeywordPlace]>(/* sql */ `
    UPDATE keywords SET next = NULL, next_bytes = NULL WHERE image_id = ? AND place = ?
  `);
  // What the picture shows is as it was, so all that is known of it still holds.
  const photo = db.prepare<[number, number, string, number]>(/* sql */ `
    UPDATE images SET size_bytes = ?, modified_ms = ?, content_hash = ? WHERE id = ?
  `);
  const looks = db.prepare<{ id: number; hash: string }>(/* sql */ `
    UPDATE perceptual_hashes SET content_hash = :hash
    WHERE image_id = :id AND content_hash = (SELECT content_hash FROM images WHERE id = :id)
  `);
  const doubtful = db.prepare<[], { imageId: number; place: KeywordPlace; next: string }>(keywordsSql.doubtful);
  const forget = db.prepare<[number]>(/* sql */ `DELETE FROM keyword_exports WHERE dataset_id = ?`);
  const begin = db.prepare<[number]>(/* sql */ `INSERT INTO keyword_exports (dataset_id) VALUES (?)`);
  const newest = db.prepare<[number], number>(keywordsSql.newest).pluck();
  const ofExport = db.prepare<[number, number, number], [number, KeywordPlace]>(keywordsSql.ofExport).raw();
  const countOf = db.prepare<[number], number>(keywordsSql.countOf).pluck();

  function settleOne(step: Omit<Step, 'beforeBytes'>): void {
    const { imageId, place, exportId, now, before } = step;
    settle.run(exportId, JSON.stringify(now), before && JSON.stringify(before), imageId, place);
    if (!step.photo) return;
    looks.run({ id: imageId, hash: step.photo.contentHash });
    photo.run(step.photo.sizeBytes, step.photo.modifiedMs, step.photo.contentHash, imageId);
  }

  return {
    image: (imageId: number) => image.get(imageId),

    get(imageId: number, place: KeywordPlace): KeptKeywords | undefined {
      const row = kept.get(imageId, place);
      return (
        row && {
          exportId: row.exportId,
          now: row.now === null ? null : (JSON.parse(row.now) as LeftFile),
          before: row.before === null ? null : (JSON.parse(row.before) as LeftFile),
          beforeBytes: row.beforeBytes,
        }
      );
    },

    /** Before files are replaced: one flush for all of them. */
    stage: db.transaction((steps: readonly Step[]) => {
      for (const { beforeBytes, ...step } of steps) {
        stage.run(step.imageId, step.place, JSON.stringify(step), beforeBytes);
      }
    }),
    /** After: those that were replaced hold, the others are as they were. */
    settle: db.transaction((steps: readonly { step: Step; replaced: boolean }[]) => {
      for (const { step, replaced } of steps) {
        if (replaced) settleOne(step);
        else drop.run(step.imageId, step.place);
      }
    }),

    /** Files somebody was about to replace when the engine ended. */
    doubtful: () =>
      doubtful.all().map(({ imageId, place, next }) => ({
        imageId,
        place,
        step: { ...(JSON.parse(next) as Omit<Step, 'beforeBytes'>), beforeBytes: null },
      })),

    /** @returns its number; the one before can no longer be taken back */
    begin: db.transaction((datasetId: number) => {
      forget.run(datasetId);
      return Number(begin.run(datasetId).lastInsertRowid);
    }),
    /** The export that can be taken back, if there is one. */
    newest: (datasetId: number): number | undefined => newest.get(datasetId),
    forget: (datasetId: number): void => void forget.run(datasetId),
    count: (exportId: number): number => countOf.get(exportId)!,
    ofExport: (exportId: number, afterId: number, limit: number) => ofExport.all(exportId, afterId, limit),
  };
}
