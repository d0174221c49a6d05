/** @file Decided pictures as what a head is fitted to. */
import { createHash } from 'node:crypto';
import type { DecidedPicture } from '../store/embeddings.ts';
import type { EmbeddingIndex } from './embedding-index.ts';
import type { Examples, Matrix } from './head-model.ts';

/** More than these make a head slower, hardly better. */
const exampleLimit = 20_000;

/** Decided pictures that are in an index, by id. */
export function inIndex(decided: readonly DecidedPicture[], index: EmbeddingIndex): DecidedPicture[] {
  return decided.filter(({ imageId }) => index.placeOf(imageId) >= 0);
}

/** @returns how many pictures each category has, most first; a picture of several counts for each */
export function countCategories(decided: readonly DecidedPicture[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { categoryIds } of decided) for (const id of categoryIds) counts.set(id, (counts.get(id) ?? 0) + 1);
  return new Map([...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]));
}

/** Rows of these pictures, in their order. */
export function rowsOf(index: EmbeddingIndex, imageIds: ArrayLike<number>): Matrix {
  const { features } = index;
  const { width } = features;
  const values = new Float32Array(imageIds.length * width);
  for (let at = 0; at < imageIds.length; at++) {
    const row = index.placeOf(imageIds[at]!);
    values.set(features.values.subarray(row * width, (row + 1) * width), at * width);
  }
  return { values, rows: imageIds.length, width };
}

/** @param decided  in the index; without `multiLabel` the first category of each counts */
export function examplesOf(decided: readonly DecidedPicture[], index: EmbeddingIndex, multiLabel: boolean): Examples {
  const pictures = thinned(
    multiLabel ? decided : decided.map(({ imageId, categoryIds }) => ({ imageId, categoryIds: [categoryIds[0]!] })),
  );
  const categoryIds = [...countCategories(pictures).keys()].sort((a, b) => a - b);
  const places = new Map(categoryIds.map((id, place) => [id, place]));
  const imageIds = Int32Array.from(pictures, ({ imageId }) => imageId);
  return {
    imageIds,
    features: rowsOf(index, imageIds),
    labels: pictures.map((picture) => picture.categoryIds.map((id) => places.get(id)!)),
    categoryIds,
  };
}

/** Of every category as many as fit, spread evenly over its pictures. */
function thinned(pictures: readonly DecidedPicture[]): readonly DecidedPicture[] {
  if (pictures.length <= exampleLimit) return pictures;
  const counts = countCategories(pictures);
  const perCategory = shareOf([...counts.values()]);
  const seen = new Map<number, number>();
  return pictures.filter(({ categoryIds }) => {
    const id = categoryIds[0]!;
    const count = counts.get(id)!;
    const place = seen.get(id) ?? 0;
    seen.set(id, place + 1);
    const keep = Math.min(1, perCategory / count);
    return Math.floor((place + 1) * keep) > Math.floor(place * keep);
  });
}

/** The most each category may have so that all together stay below the limit. */
function shareOf(counts: number[]): number {
  let left = exampleLimit;
  const ascending = counts.toSorted((a, b) => a - b);
  for (const [place, count] of ascending.entries()) {
    const fair = left / (ascending.length - place);
    if (count > fair) return Math.floor(fair);
    left -= count;
  }
  return exampleLimit;
}

/** The same for the same decisions about the same embeddings. */
export function stampOf(decided: readonly DecidedPicture[], index: EmbeddingIndex, multiLabel: boolean): string {
  const hash = createHash('sha1').update(`${index.space.modelName} ${multiLabel}`);
  const numbers: number[] = [];
  for (const { imageId, categoryIds } of decided) {
    numbers.push(imageId, index.runIds[index.placeOf(imageId)]!, categoryIds.length, ...categoryIds);
  }
  return hash.update(Int32Array.from(numbers)).digest('hex').slice(0, 20);
}
