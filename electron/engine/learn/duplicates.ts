/**
 * @file Pictures that are nearly the same: copies in another size or quality, and frames of one burst.
 *
 * Two are, when their 64 bits differ in few places and their embeddings agree; or when the embeddings agree almost
 * perfectly and the bits not worse than by chance of a moved camera. Compared are only pictures with a 16-bit part in
 * common but for one bit, so that a hundred thousand need no look at each pair: of bits that differ in at most seven
 * places one of the four parts differs in at most one (pigeonhole), and so it is for most that differ in a few more.
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
/** No bit of a part, or one of them. */
const masks = [0, ...Array.from({ length: 16 }, (_, bit) => 1 << bit)];
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
    const { starts, members, parts } = byPart(pictures, part);
    for (let first = 0; first < pictures.length; first++) {
      for (const mask of masks) {
        const other = parts[first]! ^ mask;
        const end = Math.min(starts[other + 1]!, starts[other]! + partLimit);
        for (let at = starts[other]!; at < end; at++) {
          const second = members[at]!;
          if (second <= first || !isNearlySame(pictures[first]!, pictures[second]!, features)) continue;
          const [a, b] = [root(first), root(second)];
          if (a !== b) parent[Math.max(a, b)] = Math.min(a, b);
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

/** Places of the pictures by one of their four parts: those of part `p` are members `starts[p]` to `starts[p + 1]`. */
function byPart(pictures: readonly HashedRow[], part: number) {
  const parts = Uint16Array.from(pictures, ({ bits }) => bits[part * 2]! | (bits[part * 2 + 1]! << 8));
  const starts = new Int32Array(2 ** 16 + 1);
  for (const own of parts) starts[own + 1]!++;
  for (let own = 0; own < 2 ** 16; own++) starts[own + 1]! += starts[own]!;
  const next = starts.slice();
  const members = new Int32Array(parts.length);
  parts.forEach((own, at) => (members[next[own]!++] = at));
  return { starts, members, parts };
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
