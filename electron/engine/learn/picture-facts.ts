/** @file What every picture of a dataset shows, as far as queues and groups need it. */
import type { ReviewState } from '#core/image.ts';
import type { Database } from '../store/database.ts';
import { embeddingsTable } from '../store/embeddings.ts';
import { entropyOf } from './entropy.ts';

export interface PictureFacts {
  imageId: number;
  review: ReviewState;
  /** Predicted. */
  categoryId: number | null;
  /** Decided, else predicted. */
  countsAs: number | null;
  score: number;
  margin: number;
  /** Of the scores that are stored; what they leave counts as one more category. In nats. */
  entropy: number;
}

export function pictureFacts(db: Database) {
  const embeddings = embeddingsTable(db);
  type Row = [number, ReviewState, number | null, number | null, number | null, number | null, string | null];
  const read = db
    .prepare<{ datasetId: number; afterId: number; lastId: number }, Row>(
      /* sql */ `
      SELECT id, review, top_category_id, category_id, top_score, margin,
        (SELECT group_concat(score) FROM predictions
         WHERE run_id = COALESCE(head_run_id, images.run_id) AND image_id = images.id)
      FROM images NOT INDEXED
      WHERE id > :afterId AND id <= :lastId AND dataset_id = :datasetId AND status <> 'missing'
        AND source_id IN (SELECT id FROM sources WHERE dataset_id = :datasetId AND removed = 0)
    `,
    )
    .raw();

  return {
    all(datasetId: number): PictureFacts[] {
      const found: PictureFacts[] = [];
      const meaning = embeddings.standsFor(datasetId);
      const named = (id: number | null) => (id === null ? null : meaning(id));
      for (const range of embeddings.ranges()) {
        for (const [imageId, review, top, countsAs, score, margin, scores] of read.all({ datasetId, ...range })) {
          const entropy = entropyOf((scores ?? '').split(',').map(Number));
          const facts = { score: score ?? 0, margin: margin ?? 0, entropy };
          found.push({ imageId, review, categoryId: named(top), countsAs: named(countsAs), ...facts });
        }
      }
      return found;
    },
  };
}
