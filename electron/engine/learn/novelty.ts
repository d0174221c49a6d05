/** @file When a picture is like nothing that was decided. */
import type { Matrix, Multiplier } from './head-model.ts';
import { scaleRows } from './projection.ts';

/** Pictures compared among themselves; of more, evenly chosen ones stand for all. */
const comparedLimit = 2000;
/** Share of decided pictures that must count as like another of their category. */
const keptShare = 0.9;
/** Where decided pictures are nearly the same, others of their category are less like them than they are each other. */
const looseShare = 0.6;
/** A picture further away than this is never like another, however apart the decided ones are. */
const leastLimit = 0.1;

/**
 * The similarity to the nearest decided picture below which a picture is new: what most decided pictures reach to
 * another of their own category.
 *
 * @param features  shape [N, K]: decided pictures
 * @param labels    shape [N]: the category of each
 * @returns         a cosine; null when no category has two pictures
 */
export async function similarityLimit(
  features: Matrix,
  labels: ArrayLike<number>,
  multiplier: Multiplier,
): Promise<number | null> {
  const step = Math.max(1, Math.ceil(features.rows / comparedLimit));
  const chosen = Int32Array.from({ length: Math.ceil(features.rows / step) }, (_, at) => at * step);
  const { width } = features;
  const values = new Float32Array(chosen.length * width);
  chosen.forEach((row, at) => values.set(features.values.subarray(row * width, (row + 1) * width), at * width));
  const scaled = scaleRows({ values, rows: chosen.length, width });
  const products = await multiplier.timesTransposed(scaled, scaled);
  const nearest: number[] = [];
  for (let row = 0; row < chosen.length; row++) {
    let most = -Infinity;
    for (let other = 0; other < chosen.length; other++) {
      if (other === row || labels[chosen[other]!] !== labels[chosen[row]!]) continue;
      most = Math.max(most, products.values[row * chosen.length + other]!);
    }
    if (most > -Infinity) nearest.push(most);
  }
  if (nearest.length === 0) return null;
  nearest.sort((a, b) => b - a);
  const reached = nearest[Math.min(nearest.length - 1, Math.floor(nearest.length * keptShare))]!;
  const usual = nearest[nearest.length >> 1]!;
  return Math.max(leastLimit, Math.min(reached, usual * looseShare));
}
