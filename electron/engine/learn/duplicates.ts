/**
 * @file Pictures that are nearly the same: copies in another size or quality, and frames of one burst.
 *
 * Two are, when their 64 bits differ in few places and their embeddings agree; or when the embeddings agree almost
 * perfectly and the bits not worse than by chance of a moved camera. Candidates share one of four 16-bit parts, so that
 * a hundred thousand pictures need no look at each pair: bits that differ in at most three places always share a part
 * (pigeonhole), and most of those that differ in a few more.
 */
import type { Matrix } from './head-model.ts';
import { hammingDistance } from './perceptual-hash.ts';

export interface HashedRow {
  imageId: number;
  /** 8 bytes. */
  bits: Uint8Array;
  /** Of `features`, or -1 without an embedding. */
  row: number;
}

/** Bits that may differ between copies. */
const copyDistance = 8;
/** Bits that may differ between frames of a burst, whose embeddings agree better. */
const burstDistance = 18;
const copySimilarity = 0.75;
const burstSimilarity = 0.93;
/** Pictures with one part in common beyond these are flat (a sky, a wall): comparing all of them says little. */
const partLimit = 400;

/** @returns groups of two or more, largest first, ids in order */
export function duplicateGroups(pictures: readonly HashedRow[], features: Matrix): number[][] {
  const parent = Int32Array.from(pictures, (_, at) => at);
  const root = (at: number): number => {
    let top = at;
    while (parent[top] !== top) top = parent[top] = parent[parent[top]!]!;
    return top;
  };
  for (let part = 0; part < 4; part++) {
    const alike = Map.groupBy(pictures.keys(), (at) => partOf(pictures[at]!.bits, part));
    for (const members of alike.values()) {
      const compared = members.slice(0, partLimit);
      for (let first = 0; first < compared.length; first++) {
        for (let second = first + 1; second < compared.length; second++) {
          const [a, b] = [root(compared[first]!), root(compared[second]!)];
          if (a === b || !isNearlySame(pictures[compared[first]!]!, pictures[compared[second]!]!, features)) continue;
          parent[Math.max(a, b)] = Math.min(a, b);
        }
      }
    }
  }
  const groups = Map.groupBy(pictures.keys(), root);
  return [...groups.values()]
    .filter((members) => members.length > 1)
    .map((members) => members.map((at) => pictures[at]!.imageId).sort((a, b) => a - b))
    .sort((a, b) => b.length - a.length || a[0]! - b[0]!);
}

export function isNearlySame(a: HashedRow, b: HashedRow, features: Matrix): boolean {
  const distance = hammingDistance(a.bits, b.bits);
  if (distance > burstDistance) return false;
  // Without embeddings only the bits can tell, so they must agree better.
  if (a.row < 0 || b.row < 0) return distance <= copyDistance / 2;
  const similarity = cosine(features, a.row, b.row);
  return similarity >= (distance <= copyDistance ? copySimilarity : burstSimilarity);
}

function partOf(bits: Uint8Array, part: number): number {
  return bits[part * 2]! | (bits[part * 2 + 1]! << 8);
}

function cosine({ values, width }: Matrix, a: number, b: number): number {
  let [product, lengthA, lengthB] = [0, 0, 0];
  for (let at = 0; at < width; at++) {
    const [x, y] = [values[a * width + at]!, values[b * width + at]!];
    product += x * y;
    lengthA += x * x;
    lengthB += y * y;
  }
  return lengthA > 0 && lengthB > 0 ? product / Math.sqrt(lengthA * lengthB) : 0;
}
