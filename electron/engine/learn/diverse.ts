/**
 * @file Unsure pictures first, but none that shows what one before it shows: greedy k-center over embeddings, weighted
 * by how unsure each is.
 *
 * Source of the idea: Gonzalez 1985 (farthest-first traversal); Sener and Savarese 2018 (core-sets for active learning).
 */
import type { Matrix, Multiplier } from './head-model.ts';
import { scaleRows } from './projection.ts';

/** Pictures that are weighed against each other; the surest of a large dataset would come last anyway. */
const candidateLimit = 5000;
/** Distances are taken after so many picks at once would cost more than they bring; one by one is exact. */
const firstPicks = 500;

export interface DiverseInput {
  /** Shape [N, K]: pictures to put in order. */
  features: Matrix;
  /** Shape [N], in [0, 1]: 1 is least sure. */
  uncertainty: Float32Array;
  /** Shape [M, K]: pictures already decided, which are shown no more of. */
  decided: Matrix;
  /** Pictures put in this order; the rest follows, least sure first. */
  limit?: number;
}

/** @returns shape [N]: rows of `features`, the one to look at first first */
export async function diverseOrder(
  { features, uncertainty, decided, limit = firstPicks }: DiverseInput,
  multiplier: Multiplier,
): Promise<Int32Array> {
  const byDoubt = Int32Array.from({ length: features.rows }, (_, row) => row).sort(
    (a, b) => uncertainty[b]! - uncertainty[a]! || a - b,
  );
  const candidates = byDoubt.subarray(0, candidateLimit);
  const { width } = features;
  const scaled = scaleRows(pickRows(features, candidates));
  const nearest = await largestProducts(scaled, scaleRows(decided), multiplier);

  const picked = new Uint8Array(candidates.length);
  const order: number[] = [];
  while (order.length < Math.min(limit, candidates.length)) {
    let best = -1;
    let bestWorth = -Infinity;
    for (let at = 0; at < candidates.length; at++) {
      if (picked[at]) continue;
      // 0 for a picture just like one before it, 2 for its opposite; a sure picture is worth little however far it is.
      const worth = (1 - nearest[at]!) * (0.1 + uncertainty[candidates[at]!]!);
      if (worth > bestWorth) [best, bestWorth] = [at, worth];
    }
    picked[best] = 1;
    order.push(candidates[best]!);
    const from = best * width;
    for (let at = 0; at < candidates.length; at++) {
      if (picked[at]) continue;
      let product = 0;
      for (let place = 0; place < width; place++) {
        product += scaled.values[from + place]! * scaled.values[at * width + place]!;
      }
      if (product > nearest[at]!) nearest[at] = product;
    }
  }
  const isOrdered = new Set(order);
  return Int32Array.from([...order, ...byDoubt.filter((row) => !isOrdered.has(row))]);
}

function pickRows({ values, width }: Matrix, rows: Int32Array): Matrix {
  const picked = new Float32Array(rows.length * width);
  rows.forEach((row, at) => picked.set(values.subarray(row * width, (row + 1) * width), at * width));
  return { values: picked, rows: rows.length, width };
}

/** Of each row of `a` the largest product with any row of `b`; -1 without any. */
async function largestProducts(a: Matrix, b: Matrix, multiplier: Multiplier): Promise<Float32Array> {
  const largest = new Float32Array(a.rows).fill(-1);
  if (b.rows === 0 || a.rows === 0) return largest;
  const { values } = await multiplier.timesTransposed(a, b);
  for (let row = 0; row < a.rows; row++) {
    for (let other = 0; other < b.rows; other++) {
      largest[row] = Math.max(largest[row]!, values[row * b.rows + other]!);
    }
  }
  return largest;
}
