/**
 * @file Pictures that are nearly the same: copies in another size or quality, and frames of one burst.
 *
 * Two are when their embeddings agree almost perfectly. So that a hundred thousand need no look at each pair, every
 * picture has 64 bits, the sides of 64 random planes that its embedding lies on (Charikar 2002, Similarity estimation
 * techniques from rounding algorithms: bits differ as often as the angle is wide), and only pictures with a 16-bit part
 * in common but for one bit are compared: at a cosine of 0.95 that is 94 of 100 pairs, at 0.98 more than 99. What
 * one pair misses in a group of more, another finds.
 */
import type { EmbeddingIndex } from './embedding-index.ts';
import type { Matrix, Multiplier } from './head-model.ts';
import { similarities } from './neighbours.ts';
import { randomNumbers } from './random.ts';
import { sortedPlaces } from './sorting.ts';

type Rows = Pick<EmbeddingIndex, 'features' | 'lengths' | 'imageIds'>;

/** Cosine from which two pictures count as nearly the same. */
const duplicateSimilarity = 0.95;
const parts = 4;
const bitsOfPart = 16;
/** No bit of a part, or one of them. */
const masks = [0, ...Array.from({ length: bitsOfPart }, (_, bit) => 1 << bit)];
/** Pictures with one part in common beyond these are not compared: all of them would be, if all were alike. */
const partLimit = 400;
/** Bits that may differ: at a cosine of 0.95 they are 6.5 on average, so that next to no pair has more. */
const mostDifferent = 16;
/** Found of one picture. */
const resultLimit = 1000;

/** @returns groups of two or more pictures, largest first, ids in order */
export async function duplicateGroups(
  { features, lengths, imageIds }: Rows,
  multiplier: Multiplier,
): Promise<number[][]> {
  const count = features.rows;
  const bits = await sidesOf(features, multiplier);
  const parent = Int32Array.from({ length: count }, (_, at) => at);
  const root = (at: number): number => {
    let top = at;
    while (parent[top] !== top) top = parent[top] = parent[parent[top]!]!;
    return top;
  };
  for (let part = 0; part < parts; part++) {
    const own = bits.subarray(part * count, (part + 1) * count);
    const { starts, members } = bySide(own);
    for (let first = 0; first < count; first++) {
      for (const mask of masks) {
        const other = own[first]! ^ mask;
        const end = Math.min(starts[other + 1]!, starts[other]! + partLimit);
        for (let at = starts[other]!; at < end; at++) {
          const second = members[at]!;
          if (second <= first || differentBits(bits, first, second) > mostDifferent) continue;
          const [a, b] = [root(first), root(second)];
          if (a === b || !isNearlySame(features, lengths, first, second)) continue;
          parent[Math.max(a, b)] = Math.min(a, b);
        }
      }
    }
  }
  const groups = Map.groupBy(parent.keys(), root);
  return [...groups.values()]
    .filter((members) => members.length > 1)
    .map((members) => members.map((row) => imageIds[row]!).sort((a, b) => a - b))
    .sort((a, b) => b.length - a.length || a[0]! - b[0]!);
}

/** @returns pictures nearly the same as that of a row, most alike first */
export async function duplicatesOf(index: Rows, row: number, multiplier: Multiplier): Promise<number[]> {
  const found = await similarities(index, row, multiplier);
  const rows = Int32Array.from(found.keys().filter((other) => found[other]! >= duplicateSimilarity && other !== row));
  const order = sortedPlaces(Float32Array.from(rows, (other) => -found[other]!));
  return Array.from(order.subarray(0, resultLimit), (at) => index.imageIds[rows[at]!]!);
}

/** Shape [4, N]: 16 bits of every row at a time. */
async function sidesOf(features: Matrix, multiplier: Multiplier): Promise<Uint16Array> {
  const { rows, width } = features;
  const count = parts * bitsOfPart;
  const random = randomNumbers(1);
  // A sum of three is near enough to normal for planes in all directions alike.
  const planes = Float32Array.from({ length: count * width }, () => random() + random() + random() - 1.5);
  const { values } = await multiplier.timesTransposed(features, { values: planes, rows: count, width });
  const bits = new Uint16Array(parts * rows);
  for (let row = 0; row < rows; row++) {
    for (let bit = 0; bit < count; bit++) {
      if (values[row * count + bit]! > 0) bits[(bit >> 4) * rows + row]! |= 1 << (bit & 15);
    }
  }
  return bits;
}

/** Rows by one of their four parts: those of part `p` are members `starts[p]` to `starts[p + 1]`. */
function bySide(own: Uint16Array) {
  const starts = new Int32Array(2 ** bitsOfPart + 1);
  for (const side of own) starts[side + 1]!++;
  for (let side = 0; side < 2 ** bitsOfPart; side++) starts[side + 1]! += starts[side]!;
  const next = starts.slice();
  const members = new Int32Array(own.length);
  own.forEach((side, row) => (members[next[side]!++] = row));
  return { starts, members };
}

function differentBits(bits: Uint16Array, a: number, b: number): number {
  const count = bits.length / parts;
  let different = 0;
  for (let from = 0; from < bits.length; from += count) {
    // Bits of pairs, then of fours, eights and all sixteen are added up side by side.
    let left = bits[from + a]! ^ bits[from + b]!;
    left -= (left >>> 1) & 0x5555;
    left = (left & 0x3333) + ((left >>> 2) & 0x3333);
    left = (left + (left >>> 4)) & 0x0f0f;
    different += (left + (left >>> 8)) & 0x1f;
  }
  return different;
}

function isNearlySame({ values, width }: Matrix, lengths: Float32Array, a: number, b: number): boolean {
  let product = 0;
  for (let at = 0; at < width; at++) product += values[a * width + at]! * values[b * width + at]!;
  return product >= duplicateSimilarity * lengths[a]! * lengths[b]! && product > 0;
}
