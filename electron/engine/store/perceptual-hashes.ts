/** @file The `perceptual_hashes` table: 64 bits of what each picture looks like. */
import type { Database } from './database.ts';
import type { IdRange } from './embeddings.ts';

/** Exported for the test on query plans. */
export const hashesSql = /* sql */ `
  SELECT image_id, bits FROM perceptual_hashes CROSS JOIN images ON images.id = image_id
  WHERE image_id > :afterId AND image_id <= :lastId
    AND images.dataset_id = :datasetId AND images.content_hash = perceptual_hashes.content_hash
`;

export function perceptualHashesTable(db: Database) {
  const put = db.prepare<[number, string, Uint8Array]>(/* sql */ `
    INSERT INTO perceptual_hashes (image_id, content_hash, bits) VALUES (?, ?, ?)
    ON CONFLICT (image_id) DO UPDATE SET content_hash = excluded.content_hash, bits = excluded.bits
  `);
  const ofRange = db.prepare<IdRange & { datasetId: number }, [number, Buffer]>(hashesSql).raw();

  return {
    /** @param bits  8 bytes, of the content with this hash */
    put: (imageId: number, contentHash: string, bits: Uint8Array): void => void put.run(imageId, contentHash, bits),

    /** [picture, 8 bytes] of those whose content is still the same. */
    ofRange: (datasetId: number, range: IdRange): [number, Buffer][] => ofRange.all({ datasetId, ...range }),
  };
}
