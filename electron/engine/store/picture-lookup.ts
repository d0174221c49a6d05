/** @file Finding pictures of one dataset by what other tools call them. */
import type { ReviewState } from '#core/image.ts';
import type { Database } from './database.ts';

export interface LookedUp {
  id: number;
  /** Relative to its folder. */
  path: string;
  sourceId: number;
  sizeBytes: number;
  contentHash: string | null;
}

/** What a person decided about a picture so far. */
export interface DecidedSoFar {
  review: ReviewState;
  /** In the order of the decision; what merged ones were merged into. */
  categoryIds: number[];
}

/** Exported for the test on query plans. */
export const lookupSql = {
  byPath: /* sql */ `
    SELECT id, path, source_id AS sourceId, size_bytes AS sizeBytes, content_hash AS contentHash
    FROM images INDEXED BY images_by_path WHERE dataset_id = ? AND path = ?
  `,
  /** From a path on up to, and without, another one. */
  byPathRange: /* sql */ `
    SELECT id, path, source_id AS sourceId, size_bytes AS sizeBytes, content_hash AS contentHash
    FROM images INDEXED BY images_by_path WHERE dataset_id = ? AND path >= ? AND path < ? LIMIT 100
  `,
  inSource: /* sql */ `
    SELECT id, path, source_id AS sourceId, size_bytes AS sizeBytes, content_hash AS contentHash
    FROM images WHERE source_id = ? AND path = ?
  `,
  byId: /* sql */ `
    SELECT id, path, source_id AS sourceId, size_bytes AS sizeBytes, content_hash AS contentHash
    FROM images WHERE id = ?
  `,
  predicted: /* sql */ `
    SELECT categories.name, top_score FROM images JOIN categories ON categories.id = top_category_id WHERE images.id = ?
  `,
  decided: /* sql */ `
    SELECT review, (
      SELECT json_group_array(COALESCE(categories.merged_into, categories.id) ORDER BY sequence)
      FROM annotations JOIN categories ON categories.id = category_id WHERE image_id = images.id
    ) FROM images WHERE id = ?
  `,
};

export function pictureLookup(db: Database, datasetId: number) {
  const byPath = db.prepare<[number, string], LookedUp>(lookupSql.byPath);
  const byPathRange = db.prepare<[number, string, string], LookedUp>(lookupSql.byPathRange);
  const inSource = db.prepare<[number, string], LookedUp>(lookupSql.inSource);
  const byId = db.prepare<[number], LookedUp>(lookupSql.byId);
  const decided = db.prepare<[number], [ReviewState, string]>(lookupSql.decided).raw();
  const predicted = db.prepare<[number], [string, number]>(lookupSql.predicted).raw();
  const all = (column: 'name' | 'content_hash') =>
    db
      .prepare<[number], [number, string]>(
        /* sql */ `SELECT id, ${column} FROM images NOT INDEXED WHERE dataset_id = ? AND ${column} IS NOT NULL`,
      )
      .raw();
  const names = all('name');
  const hashes = all('content_hash');
  /** Sources taken off the list keep their decisions and get no new ones. */
  const sources = db
    .prepare<[number], { id: number; folder: string }>(
      /* sql */ `SELECT id, folder FROM sources WHERE dataset_id = ? AND removed = 0 ORDER BY id`,
    )
    .all(datasetId);
  const listed = new Set(sources.map(({ id }) => id));
  const isListed = ({ sourceId }: LookedUp) => listed.has(sourceId);

  return {
    sources,
    byPath: (path: string): LookedUp[] => byPath.all(datasetId, path).filter(isListed),
    /** Pictures whose path is `stem` and an extension. */
    byStem: (stem: string): LookedUp[] =>
      byPathRange
        .all(datasetId, `${stem}.`, `${stem}/`)
        .filter((picture) => isListed(picture) && !/[/.]/.test(picture.path.slice(stem.length + 1))),
    inSource: (sourceId: number, path: string): LookedUp | undefined => inSource.get(sourceId, path),
    byId(imageId: number): LookedUp | undefined {
      const picture = byId.get(imageId);
      return picture && isListed(picture) ? picture : undefined;
    },
    /** [id, file name] of all pictures. */
    names: (): Iterable<[number, string]> => names.iterate(datasetId),
    /** [id, hash] of all pictures that have been read. */
    hashes: (): Iterable<[number, string]> => hashes.iterate(datasetId),
    /** The best prediction: [category, score]. */
    predicted: (imageId: number): [string, number] | undefined => predicted.get(imageId),
    decided(imageId: number): DecidedSoFar {
      const [review, categoryIds] = decided.get(imageId)!;
      return { review, categoryIds: JSON.parse(categoryIds) as number[] };
    },
  };
}

export type PictureLookup = ReturnType<typeof pictureLookup>;
