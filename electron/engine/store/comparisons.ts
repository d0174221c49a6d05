/** @file What the models that went over a dataset said of its pictures, side by side. */
import type { Database } from './database.ts';

export interface UsedModel {
  modelId: string;
  title: string;
  imageCount: number;
}

/** All pictures of which the two models said the same two things. */
export interface ComparedPair {
  first: string;
  second: string;
  imageCount: number;
  /** Sums of the best score. */
  firstScore: number;
  secondScore: number;
  /** Pictures with a decision, and those of them where it is what the model said. */
  decidedCount: number;
  firstCorrect: number;
  secondCorrect: number;
}

/**
 * The best prediction of each picture by one model: that of its last run which came by the picture. A run labels only
 * what is new, so the results of a model lie in several runs.
 */
const best = (name: string) => /* sql */ `
  SELECT image_id, category_id, score, MAX(run_id)
  FROM runs JOIN models ON models.id = runs.model_id JOIN predictions ON predictions.run_id = runs.id
  WHERE runs.dataset_id = :datasetId AND models.name = ${name} AND rank = 1
  GROUP BY image_id
`;

const isDecided = (category: string) => /* sql */ `
  EXISTS (SELECT 1 FROM annotations WHERE image_id = images.id AND category_id = ${category})
`;

/** Not a join: the planner would begin with the folders and go over all predictions once for each. */
const isInDataset = (datasetId: string) => /* sql */ `
  images.source_id IN (SELECT id FROM sources WHERE dataset_id = ${datasetId} AND removed = 0)
`;

/** One row for each pair of categories, so the answer is small whatever the dataset. Exported for the test on query plans. */
export const compareSql = /* sql */ `
  WITH first AS MATERIALIZED (${best(':firstModel')}), second AS MATERIALIZED (${best(':secondModel')})
  SELECT first_categories.name AS first, second_categories.name AS second, imageCount, firstScore, secondScore,
    decidedCount, firstCorrect, secondCorrect
  FROM (
    SELECT first.category_id AS firstId, second.category_id AS secondId, COUNT(*) AS imageCount,
      SUM(first.score) AS firstScore, SUM(second.score) AS secondScore,
      SUM(EXISTS (SELECT 1 FROM annotations WHERE image_id = images.id)) AS decidedCount,
      SUM(${isDecided('first.category_id')}) AS firstCorrect,
      SUM(${isDecided('second.category_id')}) AS secondCorrect
    FROM first JOIN second ON second.image_id = first.image_id
    JOIN images ON images.id = first.image_id
    WHERE ${isInDataset(':datasetId')}
    GROUP BY first.category_id, second.category_id
  )
  JOIN categories AS first_categories ON first_categories.id = firstId
  JOIN categories AS second_categories ON second_categories.id = secondId
  ORDER BY imageCount DESC, first, second
`;

/** Exported for the test on query plans. */
export const usedSql = /* sql */ `
  SELECT models.name AS modelId, models.title, COUNT(DISTINCT predictions.image_id) AS imageCount, MAX(runs.id) AS lastRun
  FROM runs JOIN models ON models.id = runs.model_id
  JOIN predictions ON predictions.run_id = runs.id AND rank = 1
  JOIN images ON images.id = predictions.image_id
  WHERE runs.dataset_id = :datasetId AND ${isInDataset(':datasetId')}
  GROUP BY models.name ORDER BY lastRun DESC
`;

export function comparisonQueries(db: Database) {
  const used = db.prepare<{ datasetId: number }, UsedModel & { lastRun: number }>(usedSql);
  const compare = db.prepare<{ datasetId: number; firstModel: string; secondModel: string }, ComparedPair>(compareSql);

  return {
    /** Models with predictions for pictures of the dataset, the most recent one first. */
    used: (datasetId: number): UsedModel[] =>
      used.all({ datasetId }).map(({ modelId, title, imageCount }) => ({ modelId, title, imageCount })),

    /** Most frequent pair first. */
    pairs: (datasetId: number, [firstModel, secondModel]: readonly [string, string]): ComparedPair[] =>
      compare.all({ datasetId, firstModel, secondModel }),
  };
}
