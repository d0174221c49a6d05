/** @file The `embeddings` table as learning reads it: what models saw in the pictures of a dataset, and what of them is decided. */
import { baseModelId } from '#core/model.ts';
import type { Database } from './database.ts';

/** Embeddings that can be compared: those of one model, in whichever form it ran. */
export interface EmbeddingSpace {
  /** Of the model, without its form. */
  modelName: string;
  /** In `models`. */
  modelIds: number[];
  /** Changes when pictures get results of another run, or new ones get theirs. */
  stamp: string;
}

/** Which embedding a picture has; another one once any of these changed. */
export interface EmbeddingKey {
  imageId: number;
  runId: number;
  modelId: number;
  contentHash: string | null;
}

export interface DecidedPicture {
  imageId: number;
  /** In the order of the person's choice; merged ones stand for what they were merged into. */
  categoryIds: number[];
}

export interface IdRange {
  afterId: number;
  lastId: number;
}

/** Pictures of one piece of reading. */
const rangeIds = 5000;

const isShown = /* sql */ `
  images.dataset_id = :datasetId AND images.status <> 'failed'
  AND images.source_id IN (SELECT id FROM sources WHERE dataset_id = :datasetId AND removed = 0)
`;

/** Exported for the test on query plans. */
export const embeddingKeysSql = /* sql */ `
  SELECT images.id, images.run_id, runs.model_id, images.content_hash
  FROM images NOT INDEXED CROSS JOIN runs ON runs.id = images.run_id
  WHERE images.id > :afterId AND images.id <= :lastId AND ${isShown}
    AND runs.model_id IN (SELECT value FROM json_each(:modelIds))
    AND EXISTS (SELECT 1 FROM embeddings WHERE model_id = runs.model_id AND image_id = images.id)
  ORDER BY images.id
`;

/** Exported for the test on query plans. */
export const decidedSql = /* sql */ `
  SELECT images.id, annotations.category_id
  FROM images INDEXED BY images_by_review CROSS JOIN annotations ON annotations.image_id = images.id
  WHERE images.review IN ('accepted', 'corrected') AND ${isShown}
  ORDER BY images.id, annotations.sequence
`;

export function embeddingsTable(db: Database) {
  const runs = db.prepare<[number], { modelId: number; name: string; imageCount: number }>(/* sql */ `
    SELECT model_id AS modelId, models.name,
      (SELECT COUNT(*) FROM images INDEXED BY images_by_run WHERE run_id = runs.id) AS imageCount
    FROM runs JOIN models ON models.id = runs.model_id WHERE runs.dataset_id = ? AND is_head = 0 ORDER BY runs.id
  `);
  const modelIds = db.prepare<[string], { id: number; name: string }>(
    /* sql */ `SELECT id, name FROM models WHERE name LIKE ? || '%'`,
  );
  const keys = db
    .prepare<IdRange & { datasetId: number; modelIds: string }, [number, number, number, string | null]>(
      embeddingKeysSql,
    )
    .raw();
  const features = db
    .prepare<[number, number], Buffer>(/* sql */ `SELECT features FROM embeddings WHERE model_id = ? AND image_id = ?`)
    .pluck();
  const decided = db.prepare<{ datasetId: number }, [number, number]>(decidedSql).raw();
  const merged = db
    .prepare<[number], [number, number]>(
      /* sql */ `SELECT id, merged_into FROM categories WHERE dataset_id = ? AND merged_into IS NOT NULL`,
    )
    .raw();
  const newest = db.prepare<[], number | null>(/* sql */ `SELECT MAX(id) FROM images`).pluck();

  /** What each merged category stands for. */
  function standsFor(datasetId: number): (categoryId: number) => number {
    const into = new Map(merged.all(datasetId));
    return (categoryId) => {
      let id = categoryId;
      // Bounded, so that a damaged library with a circle of them ends as well.
      for (let step = 0; step < into.size && into.has(id); step++) id = into.get(id)!;
      return id;
    };
  }

  return {
    /** Of the model that most pictures of the dataset have their results of, the newest of equals; none before a run. */
    space(datasetId: number): EmbeddingSpace | undefined {
      const counts = new Map<string, number>();
      const stored = runs.all(datasetId);
      for (const { name, imageCount } of stored) {
        const base = baseModelId(name);
        const count = counts.get(base) ?? 0;
        counts.delete(base);
        counts.set(base, count + imageCount);
      }
      const [best] = [...counts].reverse().sort((a, b) => b[1] - a[1]);
      if (!best) return undefined;
      const forms = modelIds.all(best[0]).filter(({ name }) => baseModelId(name) === best[0]);
      const stamp = stored.map(({ imageCount }) => imageCount).join();
      return { modelName: best[0], modelIds: forms.map(({ id }) => id), stamp };
    },

    /** Ranges that together hold every picture of the library. */
    *ranges(): Generator<IdRange> {
      const end = newest.get() ?? 0;
      for (let afterId = 0; afterId < end; afterId += rangeIds) yield { afterId, lastId: afterId + rangeIds };
    },

    /** Pictures of a range whose results have an embedding of this space, by id. */
    keys(datasetId: number, space: EmbeddingSpace, range: IdRange): EmbeddingKey[] {
      return keys
        .all({ datasetId, modelIds: JSON.stringify(space.modelIds), ...range })
        .map(([imageId, runId, modelId, contentHash]) => ({ imageId, runId, modelId, contentHash }));
    },

    /** float16, little endian, D values. */
    features: ({ modelId, imageId }: Pick<EmbeddingKey, 'modelId' | 'imageId'>) => features.get(modelId, imageId),

    /** By id. Unsure and skipped pictures are no examples of anything. */
    decided(datasetId: number): DecidedPicture[] {
      const meaning = standsFor(datasetId);
      const pictures: DecidedPicture[] = [];
      for (const [imageId, categoryId] of decided.iterate({ datasetId })) {
        const id = meaning(categoryId);
        const last = pictures.at(-1);
        if (last?.imageId !== imageId) pictures.push({ imageId, categoryIds: [id] });
        else if (!last.categoryIds.includes(id)) last.categoryIds.push(id);
      }
      return pictures;
    },

    standsFor,
  };
}
