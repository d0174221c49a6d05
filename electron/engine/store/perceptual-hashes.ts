/** @file The `perceptual_hashes` table: 64 bits of what each picture looks like. */
import type { Database } from './database.ts';
import type { IdRange } from './embeddings.ts';

/** A picture whose bits are not known, or are those of what it showed before. */
export interface Unhashed {
  imageId: number;
  folder: string;
  path: string;
  contentHash: string;
}

export function perceptualHashesTable(db: Database) {
  const missing = db.prepare<{ datasetId: number; afterId: number; limit: number }, Unhashed>(/* sql */ `
    SELECT images.id AS imageId, folder, path, images.content_hash AS contentHash
    FROM images NOT INDEXED CROSS JOIN sources ON sources.id = images.source_id
    LEFT JOIN perceptual_hashes ON perceptual_hashes.image_id = images.id
    WHERE images.id > :afterId AND images.dataset_id = :datasetId AND images.status = 'done'
      AND images.content_hash IS NOT NULL AND sources.removed = 0
      AND perceptual_hashes.content_hash IS NOT images.content_hash
    ORDER BY images.id LIMIT :limit
  `);
  const put = db.prepare<[number, string, Uint8Array]>(/* sql */ `
    INSERT INTO perceptual_hashes (image_id, content_hash, bits) VALUES (?, ?, ?)
    ON CONFLICT (image_id) DO UPDATE SET content_hash = excluded.content_hash, bits = excluded.bits
  `);
  const all = db
    .prepare<IdRange & { datasetId: number }, [number, Buffer]>(
      /* sql */ `
      SELECT images.id, bits FROM perceptual_hashes CROSS JOIN images ON images.id = perceptual_hashes.image_id
      WHERE perceptual_hashes.image_id > :afterId AND perceptual_hashes.image_id <= :lastId
        AND images.dataset_id = :datasetId AND images.content_hash = perceptual_hashes.content_hash
      ORDER BY perceptual_hashes.image_id
    `,
    )
    .raw();

  return {
    /** The next pictures to look at, by id. */
    missing: (datasetId: number, afterId: number, limit: number): Unhashed[] =>
      missing.all({ datasetId, afterId, limit }),

    putAll: db.transaction((hashes: readonly { imageId: number; contentHash: string; bits: Uint8Array }[]) => {
      for (const { imageId, contentHash, bits } of hashes) put.run(imageId, contentHash, bits);
    }),

    /** [picture, 8 bytes], by id. */
    ofRange: (datasetId: number, range: IdRange): [number, Buffer][] => all.all({ datasetId, ...range }),
  };
}
