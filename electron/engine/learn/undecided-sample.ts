/** @file Which undecided pictures of a library are learned from: some that the head will speak for, the same ones again. */
import type { EmbeddingIndex } from './embedding-index.ts';
import { rowsOf } from './examples.ts';
import type { Matrix } from './head-model.ts';
import { chanceOf } from './random.ts';

const sampleLimit = 1000;

/**
 * @param isDecided  pictures with a decision
 * @param speaksFor  rows of the index that a head will give predictions of; undefined: all
 * @returns          shape [at most 1,000, K]
 */
export function undecidedSample(
  index: EmbeddingIndex,
  isDecided: ReadonlySet<number>,
  speaksFor?: (row: number) => boolean,
): Matrix {
  const found: number[] = [];
  index.imageIds.forEach((imageId, row) => {
    if (!isDecided.has(imageId) && (!speaksFor || speaksFor(row))) found.push(imageId);
  });
  if (found.length <= sampleLimit) return rowsOf(index, found);
  // By their own numbers, so that a decision more does not choose all others anew.
  const chances = Float64Array.from(found, chanceOf);
  const limit = chances.toSorted()[sampleLimit]!;
  const chosen = found.filter((_, at) => chances[at]! < limit);
  return rowsOf(index, chosen);
}
