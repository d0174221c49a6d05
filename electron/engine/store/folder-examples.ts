/** @file Pictures whose folder says what they show, with their embeddings: for measuring how well they are learned. */
import type { Database } from './database.ts';

export interface FolderExample {
  imageId: number;
  /** Relative to the folder of the dataset. */
  path: string;
  /** float16, little endian, D values. */
  features: Buffer;
}

export function folderExamples(db: Database, datasetId: number): { modelName: string; examples: FolderExample[] } {
  const latest = db
    .prepare<[number], { modelId: number; name: string }>(
      /* sql */ `
      SELECT model_id AS modelId, models.name FROM runs JOIN models ON models.id = runs.model_id
      WHERE runs.dataset_id = ? AND is_head = 0 ORDER BY runs.id DESC LIMIT 1`,
    )
    .get(datasetId);
  if (!latest) return { modelName: '', examples: [] };
  const examples = db
    .prepare<[number, number], FolderExample>(
      /* sql */ `
      SELECT images.id AS imageId, images.path, embeddings.features
      FROM images JOIN embeddings ON embeddings.model_id = ? AND embeddings.image_id = images.id
      WHERE images.dataset_id = ? AND images.status = 'done' ORDER BY images.path`,
    )
    .all(latest.modelId, datasetId);
  return { modelName: latest.name, examples };
}
