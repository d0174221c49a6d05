/** @file Which pictures are most like each other, and what is known of some of them, spread over all along these ties. */
import type { Matrix, Multiplier } from './head-model.ts';
import { scaleRows } from './projection.ts';

/** Between two pictures of which one is among those most like the other; both ways, row by row. */
export interface NeighbourGraph {
  /** Shape [N + 1]: the ties of picture `i` are at places from `starts[i]` up to `starts[i + 1]`. */
  starts: Int32Array;
  others: Int32Array;
  /** Divided by the roots of what both are tied to in all, so that no picture shouts. */
  ties: Float32Array;
}

/**
 * Five leave islands where pictures are few, ten reach over to other categories; the same to a point on photos of 14
 * categories and on digits.
 */
const neighbourCount = 7;
/** Of the cosine: the like count more than the somewhat like. */
const sharpness = 3;
/** Part of what a picture hears that it passes on. From 0.8 to 0.95 the same to a point. */
const passedOn = 0.9;
/** By then less than a twentieth is still to come, and it no longer changes which category is heard most of. */
const rounds = 30;
/** Pictures compared with all others at once. */
const blockRows = 512;

/** @param features  shape [N, K]; copied, and scaled to length 1 */
export async function neighbourGraph(features: Matrix, multiplier: Multiplier): Promise<NeighbourGraph> {
  const { rows, width } = features;
  const scaled = scaleRows({ values: features.values.slice(), rows, width });
  const tied = Array.from({ length: rows }, () => new Map<number, number>());
  for (let from = 0; from < rows; from += blockRows) {
    const count = Math.min(blockRows, rows - from);
    const block = { values: scaled.values.slice(from * width, (from + count) * width), rows: count, width };
    const { values } = await multiplier.timesTransposed(block, scaled);
    for (let at = 0; at < count; at++) {
      const row = from + at;
      const cosines = values.subarray(at * rows, (at + 1) * rows);
      for (const other of nearest(cosines, row)) {
        const tie = cosines[other]! ** sharpness;
        tied[row]!.set(other, tie);
        tied[other]!.set(row, tie);
      }
    }
  }
  const all = tied.map((own) => [...own.values()].reduce((sum, tie) => sum + tie, 0));
  const starts = new Int32Array(rows + 1);
  for (let row = 0; row < rows; row++) starts[row + 1] = starts[row]! + tied[row]!.size;
  const others = new Int32Array(starts[rows]!);
  const ties = new Float32Array(starts[rows]!);
  tied.forEach((own, row) => {
    let at = starts[row]!;
    for (const [other, tie] of own) {
      others[at] = other;
      ties[at++] = tie / Math.sqrt(all[row]! * all[other]!);
    }
  });
  return { starts, others, ties };
}

/** Places of the largest values above zero, without its own. */
function nearest(cosines: Float32Array, own: number): number[] {
  const best: number[] = [];
  let least = 0;
  for (let other = 0; other < cosines.length; other++) {
    const cosine = cosines[other]!;
    if (cosine <= least || other === own) continue;
    let at = best.length;
    while (at > 0 && cosines[best[at - 1]!]! < cosine) at--;
    best.splice(at, 0, other);
    if (best.length > neighbourCount) best.pop();
    if (best.length === neighbourCount) least = cosines[best.at(-1)!]!;
  }
  return best;
}

/**
 * What each picture hears of each category, when those whose category is known tell it to the pictures most like them,
 * these tell it on, and so forth. Categories count alike, however many pictures are known.
 *
 * @param known  shape [N]: places of categories, -1 for pictures of which nothing is known
 * @returns      shape [N, C]; rows sum to 1, or to 0 where nothing arrives
 *
 * Source: Zhou, Bousquet, Lal, Weston, Schölkopf 2004, Learning with local and global consistency.
 */
export function spreadLabels(graph: NeighbourGraph, known: Int32Array, categoryCount: number): Matrix {
  const { starts, others, ties } = graph;
  const rows = known.length;
  const counts = new Int32Array(categoryCount);
  for (const category of known) if (category >= 0) counts[category]!++;
  let heard = new Float32Array(rows * categoryCount);
  let next = new Float32Array(rows * categoryCount);
  for (let round = 0; round <= rounds; round++) {
    next.fill(0);
    for (let row = 0; row < rows; row++) {
      const to = row * categoryCount;
      for (let at = starts[row]!; at < starts[row + 1]!; at++) {
        const from = others[at]! * categoryCount;
        const tie = passedOn * ties[at]!;
        for (let category = 0; category < categoryCount; category++) {
          next[to + category]! += tie * heard[from + category]!;
        }
      }
      const category = known[row]!;
      if (category >= 0) next[to + category]! += 1 / counts[category]!;
    }
    [heard, next] = [next, heard];
  }
  for (let row = 0; row < rows; row++) {
    const own = heard.subarray(row * categoryCount, (row + 1) * categoryCount);
    const sum = own.reduce((total, value) => total + value, 0);
    if (sum > 0) for (let category = 0; category < categoryCount; category++) own[category]! /= sum;
  }
  return { values: heard, rows, width: categoryCount };
}
