/** @file Two models over one dataset: how often they agree, and what they say where they do not. */
import { baseModelId, floatSuffix, type ModelComparison } from '#core/model.ts';
import { AppError } from '#core/errors.ts';
import type { comparisonQueries, ComparedPair } from '../store/comparisons.ts';

/** Of the pairs they disagree in; the rest are single pictures. */
const confusionLimit = 1_000;

/**
 * By the best prediction of each picture that both labeled.
 *
 * @param asked  as results name them, or 'a@original' for 'a'
 * @throws {AppError} 'input.invalid' for a model with itself, 'not-found' if one of them has labeled nothing here
 */
export async function compareModels(
  queries: ReturnType<typeof comparisonQueries>,
  datasetId: number,
  asked: readonly [string, string],
): Promise<ModelComparison> {
  const inResults = (modelId: string) => (modelId.endsWith(floatSuffix) ? baseModelId(modelId) : modelId);
  const modelIds = [inResults(asked[0]), inResults(asked[1])] as const;
  if (modelIds[0] === modelIds[1]) throw new AppError('input.invalid', 'A model agrees with itself; choose two');
  const pairs = await queries.pairs(datasetId, modelIds);
  if (pairs.length === 0) {
    const used = new Set((await queries.used(datasetId)).map(({ modelId }) => modelId));
    const missing = modelIds.find((modelId) => !used.has(modelId));
    if (missing !== undefined) {
      throw new AppError('not-found', `The model "${missing}" has labeled no picture of this dataset`);
    }
  }
  return summarise(pairs);
}

/** @param pairs  most frequent first */
export function summarise(pairs: readonly ComparedPair[]): ModelComparison {
  const sum = (value: (pair: ComparedPair) => number) => pairs.reduce((total, pair) => total + value(pair), 0);
  const imageCount = sum((pair) => pair.imageCount);
  const decidedCount = sum((pair) => pair.decidedCount);
  const mean = (total: number) => (imageCount === 0 ? 0 : total / imageCount);
  const differing = pairs.filter(({ first, second }) => first !== second);
  return {
    imageCount,
    agreedCount: imageCount - differing.reduce((total, pair) => total + pair.imageCount, 0),
    meanScores: [mean(sum(({ firstScore }) => firstScore)), mean(sum(({ secondScore }) => secondScore))],
    decided:
      decidedCount === 0
        ? null
        : {
            imageCount: decidedCount,
            correct: [sum(({ firstCorrect }) => firstCorrect), sum(({ secondCorrect }) => secondCorrect)],
          },
    confusion: differing
      .slice(0, confusionLimit)
      .map(({ first, second, imageCount: count }) => ({ categories: [first, second], imageCount: count })),
    categories: countCategories(pairs),
  };
}

/** Largest difference first, then by name. */
function countCategories(pairs: readonly ComparedPair[]): ModelComparison['categories'] {
  const counts = new Map<string, [number, number]>();
  const count = (name: string, model: 0 | 1, imageCount: number) => {
    const entry = counts.get(name) ?? [0, 0];
    entry[model] += imageCount;
    counts.set(name, entry);
  };
  for (const { first, second, imageCount } of pairs) {
    count(first, 0, imageCount);
    count(second, 1, imageCount);
  }
  const difference = ([first, second]: [number, number]) => Math.abs(first - second);
  return [...counts]
    .map(([name, both]) => ({ name, counts: both }))
    .sort((a, b) => difference(b.counts) - difference(a.counts) || (a.name < b.name ? -1 : 1));
}
