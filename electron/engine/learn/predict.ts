/** @file What a head says about every picture of an index, and which of it is news. */
import { shownPredictions, type PredictionChanges } from '../store/head-predictions.ts';
import type { Database } from '../store/database.ts';
import { embeddingsTable } from '../store/embeddings.ts';
import { topK } from '#core/scores.ts';
import type { EmbeddingIndex } from './embedding-index.ts';
import { readRows } from './embedding-index.ts';
import type { HeadModel, Matrix, Multiplier } from './head-model.ts';
import { unfoldHead } from './projection.ts';

/** Predictions stored of each picture. */
export const rankCount = 5;
/** A score that moved by less is no news, until somebody asks for exact ones. */
const sameScore = 0.01;
/** Share of a head's weights that the components may miss before it is applied to the embeddings themselves. */
const lostShare = 1e-3;

/** A head as it is applied to an index. */
export interface PlacedHead {
  /** Over rows of the index; null: only over embeddings, because it was learned in other components. */
  inIndex: HeadModel | null;
  overEmbeddings: HeadModel;
}

export async function placeHead(head: HeadModel, index: EmbeddingIndex, multiplier: Multiplier): Promise<PlacedHead> {
  const unfolded = await unfoldHead(head, index.projection, multiplier);
  const whole = squares(head.weights);
  return { inIndex: whole - squares(unfolded.weights) > lostShare * whole ? null : unfolded, overEmbeddings: head };
}

function squares(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum;
}

/** @returns shape [rows, C]: softmax, or with several categories a picture a sigmoid for each */
export function scoresOf(
  logits: Matrix,
  { temperature, multiLabel }: Pick<HeadModel, 'temperature' | 'multiLabel'>,
): Matrix {
  const { values, rows, width } = logits;
  const scores = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    const from = row * width;
    if (multiLabel) {
      for (let at = from; at < from + width; at++) scores[at] = 1 / (1 + Math.exp(-values[at]! / temperature));
      continue;
    }
    let most = -Infinity;
    for (let at = from; at < from + width; at++) most = Math.max(most, values[at]!);
    let sum = 0;
    for (let at = from; at < from + width; at++) sum += scores[at] = Math.exp((values[at]! - most) / temperature);
    for (let at = from; at < from + width; at++) scores[at]! /= sum;
  }
  return { values: scores, rows, width };
}

export function openPredictor(db: Database, multiplier: () => Promise<Multiplier>) {
  const shown = shownPredictions(db);
  const embeddings = embeddingsTable(db);
  const modelOfRun = db.prepare<[number], number>(/* sql */ `SELECT model_id FROM runs WHERE id = ?`).pluck();
  const categories = db
    .prepare<[number], number>(/* sql */ `SELECT id FROM categories WHERE dataset_id = ? AND removed = 0`)
    .pluck();

  async function scoresOfRows(index: EmbeddingIndex, head: PlacedHead, from: number, rows: number): Promise<Matrix> {
    const { width, values } = index.features;
    let model = head.inIndex;
    let features: Matrix = { values: values.subarray(from * width, (from + rows) * width), rows, width };
    if (!model) {
      model = head.overEmbeddings;
      const keys = Array.from({ length: rows }, (_, row) => {
        const runId = index.runIds[from + row]!;
        return { imageId: index.imageIds[from + row]!, runId, modelId: modelOfRun.get(runId) ?? 0, contentHash: null };
      });
      const found = readRows(embeddings, keys, model.width);
      features = { values: new Float32Array(rows * model.width), rows, width: model.width };
      // Those that are gone stay rows of zeros; their pictures have another run by now.
      found.keys.forEach(({ imageId }, row) => {
        const at = (index.placeOf(imageId) - from) * features.width;
        features.values.set(found.matrix.values.subarray(row * features.width, (row + 1) * features.width), at);
      });
    }
    const weights = { values: model.weights, rows: model.categoryIds.length, width: model.width };
    const logits = await (await multiplier()).timesTransposed(features, weights);
    for (let at = 0; at < logits.values.length; at++) logits.values[at]! += model.biases[at % logits.width]!;
    return scoresOf(logits, model);
  }

  return {
    /**
     * @param isOwn  rows that get the head's predictions; the others keep the model's. Undefined: all
     * @returns      only pictures that show something else now; all of the head's own where `exact`
     */
    async piece(
      datasetId: number,
      index: EmbeddingIndex,
      head: PlacedHead,
      range: { from: number; rows: number; exact?: boolean },
      isOwn?: (row: number) => boolean,
    ): Promise<PredictionChanges> {
      const { from, rows, exact = false } = range;
      const imageIds = index.imageIds.slice(from, from + rows);
      const runIds = index.runIds.slice(from, from + rows);
      const meaning = standing(datasetId, head.overEmbeddings.categoryIds);
      const scores = await scoresOfRows(index, head, from, rows);
      let [least, most] = [Infinity, 0];
      for (const id of imageIds) [least, most] = [Math.min(least, id), Math.max(most, id)];
      const before = new Map(
        shown(datasetId, { afterId: least - 1, lastId: most }).map((picture) => [picture[0], picture] as const),
      );
      const news: { row: number; ranked: { categoryId: number; score: number }[] }[] = [];
      for (let row = 0; row < rows; row++) {
        const picture = before.get(imageIds[row]!);
        if (!picture || picture[1] !== runIds[row]) continue;
        const [, , headRunId, categoryId, score] = picture;
        if (isOwn && !isOwn(from + row)) {
          if (headRunId !== null) news.push({ row, ranked: [] });
          continue;
        }
        const ranked = rank(scores.values.subarray(row * scores.width, (row + 1) * scores.width), meaning);
        const [best] = ranked;
        const isSame =
          !exact &&
          headRunId !== null &&
          best?.categoryId === categoryId &&
          Math.abs(best.score - (score ?? 0)) <= sameScore;
        if (best && !isSame) news.push({ row, ranked });
      }
      return pack(news, imageIds, runIds);
    },

    /** Scores of rows by a head, shape [rows, C]. */
    scores: scoresOfRows,
  };

  /** What each of a head's categories is by now; 0 for those that are gone. */
  function standing(datasetId: number, categoryIds: readonly number[]): number[] {
    const known = new Set(categories.all(datasetId));
    const meaning = embeddings.standsFor(datasetId);
    return categoryIds.map((id) => (known.has(meaning(id)) ? meaning(id) : 0));
  }
}

/** Best first; categories that became one count together. */
function rank(scores: Float32Array, meaning: readonly number[]): { categoryId: number; score: number }[] {
  const ranked: { categoryId: number; score: number }[] = [];
  for (const { index, score } of topK(scores, rankCount)) {
    const categoryId = meaning[index]!;
    const same = ranked.find((one) => one.categoryId === categoryId);
    if (same) same.score = Math.min(1, same.score + score);
    else if (categoryId !== 0) ranked.push({ categoryId, score });
  }
  return ranked.sort((a, b) => b.score - a.score);
}

function pack(
  news: readonly { row: number; ranked: readonly { categoryId: number; score: number }[] }[],
  imageIds: Int32Array,
  runIds: Int32Array,
): PredictionChanges {
  const categoryIds = new Int32Array(news.length * rankCount);
  const scores = new Float32Array(news.length * rankCount);
  news.forEach(({ ranked }, at) =>
    ranked.forEach(({ categoryId, score }, place) => {
      categoryIds[at * rankCount + place] = categoryId;
      scores[at * rankCount + place] = score;
    }),
  );
  return {
    imageIds: Int32Array.from(news, ({ row }) => imageIds[row]!),
    runIds: Int32Array.from(news, ({ row }) => runIds[row]!),
    ranks: rankCount,
    categoryIds,
    scores,
  };
}
