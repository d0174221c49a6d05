/** @file What the models that went over a dataset said of its pictures, side by side. */
import { setImmediate as nextTurn } from 'node:timers/promises';
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

/** Pictures gone through before others have their turn. */
const rangeIds = 5000;

const isInRange = (id: string) => `${id} > :afterId AND ${id} <= :lastId`;

/**
 * The best prediction of each picture by one model: that of its last run which came by the picture. A run labels only
 * what is new, so the results of a model lie in several runs.
 */
const best = (name: string) => /* sql */ `
  SELECT image_id, category_id, score, MAX(run_id)
  FROM runs JOIN models ON models.id = runs.model_id JOIN predictions ON predictions.run_id = runs.id
  WHERE runs.dataset_id = :datasetId AND is_head = 0 AND models.name = ${name} AND rank = 1 AND ${isInRange('image_id')}
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
`;

/** Exported for the test on query plans. */
export const usedSql = /* sql */ `
  SELECT models.name AS modelId, models.title, COUNT(DISTINCT predictions.image_id) AS imageCount, MAX(runs.id) AS lastRun
  FROM runs JOIN models ON models.id = runs.model_id
  JOIN predictions ON predictions.run_id = runs.id AND rank = 1 AND ${isInRange('image_id')}
  JOIN images ON images.id = predictions.image_id
  WHERE runs.dataset_id = :datasetId AND is_head = 0 AND ${isInDataset(':datasetId')}
  GROUP BY models.name
`;

interface Range {
  datasetId: number;
  afterId: number;
  lastId: number;
}

/** Each goes through all pictures, a range at a time, so that a million of them keep nobody waiting. */
export function comparisonQueries(db: Database) {
  const used = db.prepare<Range, UsedModel & { lastRun: number }>(usedSql);
  const compare = db.prepare<Range & { firstModel: string; secondModel: string }, ComparedPair>(compareSql);
  const newest = db.prepare<[], number | null>(/* sql */ `SELECT MAX(id) FROM images`).pluck();

  async function* ranges(datasetId: number): AsyncGenerator<Range> {
    const end = newest.get() ?? 0;
    for (let afterId = 0; afterId < end; afterId += rangeIds) {
      yield { datasetId, afterId, lastId: afterId + rangeIds };
      await nextTurn();
    }
  }

  return {
    /** Models with predictions for pictures of the dataset, the most recent one first. */
    async used(datasetId: number): Promise<UsedModel[]> {
      const models = new Map<string, UsedModel & { lastRun: number }>();
      for await (const range of ranges(datasetId)) {
        for (const model of used.all(range)) {
          const { imageCount = 0, lastRun = 0 } = models.get(model.modelId) ?? {};
          models.set(model.modelId, {
            ...model,
            imageCount: imageCount + model.imageCount,
            lastRun: Math.max(lastRun, model.lastRun),
          });
        }
      }
      return [...models.values()]
        .sort((a, b) => b.lastRun - a.lastRun)
        .map(({ modelId, title, imageCount }) => ({ modelId, title, imageCount }));
    },

    /** Most frequent pair first. */
    async pairs(datasetId: number, [firstModel, secondModel]: readonly [string, string]): Promise<ComparedPair[]> {
      const pairs = new Map<string, ComparedPair>();
      for await (const range of ranges(datasetId)) {
        for (const pair of compare.all({ ...range, firstModel, secondModel })) {
          const key = JSON.stringify([pair.first, pair.second]);
          const sum = pairs.get(key);
          if (sum) addTo(sum, pair);
          else pairs.set(key, pair);
        }
      }
      const before = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
      return [...pairs.values()].sort(
        (a, b) => b.imageCount - a.imageCount || before(a.first, b.first) || before(a.second, b.second),
      );
    },
  };
}

function addTo(sum: ComparedPair, pair: ComparedPair): void {
  sum.imageCount += pair.imageCount;
  sum.firstScore += pair.firstScore;
  sum.secondScore += pair.secondScore;
  sum.decidedCount += pair.decidedCount;
  sum.firstCorrect += pair.firstCorrect;
  sum.secondCorrect += pair.secondCorrect;
}
