/** @file What heads say about examples they have not seen. */
import type { Examples, Matrix } from './head-model.ts';
import { fitWeights, type FitOptions } from './fit-weights.ts';
import { logitsOf } from './logistic.ts';
import { randomNumbers, shuffle } from './random.ts';

/** In `folds`: learned from in every round, because it is the only one of its category. */
export const neverHeldOut = -1;

export interface HeldOut {
  /** Places in the examples. */
  rows: Int32Array;
  /** Shape [rows, C]: by a head that did not see them, at temperature 1. */
  logits: Matrix;
  /** For each of the rows. */
  folds: Int32Array;
  labels: readonly (readonly number[])[];
}

/**
 * Shares each category out evenly. Of a picture with several categories the rarest one counts.
 *
 * @returns shape [N]: which fold each example is held out in
 */
export function stratifiedFolds(
  labels: readonly (readonly number[])[],
  categoryCount: number,
  foldCount: number,
  seed = 1,
): Int32Array {
  const counts = new Int32Array(categoryCount);
  for (const own of labels) for (const category of own) counts[category]!++;
  // The last stratum: pictures decided to be none of them.
  const strata = Array.from({ length: categoryCount + 1 }, (): number[] => []);
  labels.forEach((own, row) => {
    const rarest = own.reduce((best, category) => (counts[category]! < counts[best]! ? category : best), own[0] ?? -1);
    strata[rarest === -1 ? categoryCount : rarest]!.push(row);
  });
  const folds = new Int32Array(labels.length).fill(neverHeldOut);
  const random = randomNumbers(seed);
  let next = 0;
  for (const rows of strata) {
    if (rows.length < 2) continue;
    for (const row of shuffle(Int32Array.from(rows), random)) folds[row] = next++ % foldCount;
  }
  return folds;
}

/**
 * @param examples  rows as heads are fitted to
 * @param folds     as `stratifiedFolds` gives them
 * @param rounds    which of the folds are held out, one after another
 * @param options   the start may have seen the examples: what is fitted depends on the examples alone
 */
export async function crossValidate(
  examples: Examples,
  folds: Int32Array,
  rounds: readonly number[],
  options: FitOptions,
): Promise<HeldOut> {
  const categoryCount = examples.categoryIds.length;
  const held: Int32Array[] = [];
  const logits: Float32Array[] = [];
  for (const round of rounds) {
    const { inside, outside } = split(folds, round);
    if (inside.length === 0 || outside.length === 0) continue;
    const head = await fitWeights(pick(examples, outside), options);
    held.push(inside);
    logits.push((await logitsOf(pick(examples, inside).features, head, options.multiplier)).values);
  }
  const rows = concatenate(held, Int32Array);
  return {
    rows,
    logits: { values: concatenate(logits, Float32Array), rows: rows.length, width: categoryCount },
    folds: rows.map((row) => folds[row]!),
    labels: Array.from(rows, (row) => examples.labels[row]!),
  };
}

/**
 * @param shift  shape [C], added to the logits where a picture may have several categories; null: it has exactly one
 * @returns      shape [rows]: 1 where the best category is the right one, or with several all are
 */
export function rightOnes({ logits, labels }: HeldOut, shift: Float32Array | null): Uint8Array {
  return Uint8Array.from(labels, (own, row) => {
    const said = predicted(logits, row, shift);
    return said.length === own.length && said.every((category) => own.includes(category)) ? 1 : 0;
  });
}

/** Places of the categories that a row of logits stands for: the best one, or with several those above one half. */
export function predicted({ values, width }: Matrix, row: number, shift: Float32Array | null): number[] {
  const own = values.subarray(row * width, (row + 1) * width);
  if (!shift) {
    let best = 0;
    for (let category = 1; category < width; category++) if (own[category]! > own[best]!) best = category;
    return [best];
  }
  return Array.from(own.keys()).filter((category) => own[category]! + shift[category]! > 0);
}

/** Places inside and outside of a fold. */
export function split(folds: Int32Array, fold: number): { inside: Int32Array; outside: Int32Array } {
  const places = folds.map((_, row) => row);
  return {
    inside: places.filter((row) => folds[row] === fold),
    outside: places.filter((row) => folds[row] !== fold),
  };
}

/** Some of the examples, with copies of their features. */
export function pick({ imageIds, features, labels, categoryIds }: Examples, rows: Int32Array): Examples {
  const { width, values } = features;
  const picked = new Float32Array(rows.length * width);
  rows.forEach((row, to) => picked.set(values.subarray(row * width, (row + 1) * width), to * width));
  return {
    imageIds: rows.map((row) => imageIds[row]!),
    features: { values: picked, rows: rows.length, width },
    labels: Array.from(rows, (row) => labels[row]!),
    categoryIds,
  };
}

function concatenate<Numbers extends Int32Array | Float32Array>(
  parts: readonly Numbers[],
  Type: new (length: number) => Numbers,
): Numbers {
  const whole = new Type(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
