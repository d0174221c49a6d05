/**
 * @file Pictures that are nearly the same: copies in another size, quality or brightness, and frames of one burst.
 *
 * Two are when their embeddings agree almost perfectly, or when their embeddings agree well and their perceptual hashes
 * nearly; docs/learning.md has what either finds alone and both together. So that a hundred thousand need no look at each
 * pair, only those are compared that share bits: of the hash, and of 64 that say on which side of 64 random planes an
 * embedding lies (Charikar 2002, Similarity estimation techniques from rounding algorithms: bits differ as often as the
 * angle is wide). At a cosine of 0.95 that finds 94 of 100 pairs, at 0.98 more than 99; by the hash all that differ in
 * fewer than 8 bits, and 96 of 100 that differ in 8. What one pair misses in a group of more, another finds.
 */
import { bitsOfPart, differentBits, pairsByBits, parts } from './bit-pairs.ts';
import type { EmbeddingIndex } from './embedding-index.ts';
import type { Matrix, Multiplier } from './head-model.ts';
import type { LookBits } from './look-bits.ts';
import { similarities } from './neighbours.ts';
import { randomNumbers } from './random.ts';
import { sortedPlaces } from './sorting.ts';

type Rows = Pick<EmbeddingIndex, 'features' | 'lengths' | 'imageIds'>;

/** Cosine from which two pictures count as nearly the same, whatever their hashes say. */
const duplicateSimilarity = 0.95;
/** Cosine that is enough when at most so many bits of the hashes differ. */
const copySimilarity = 0.7;
const copyDistance = 8;
/** Sides that may differ: at a cosine of 0.95 they are 6.5 on average, so that next to no pair has more. */
const mostSidesDifferent = 16;
/** Found of one picture. */
const resultLimit = 1000;

/**
 * @param looks   hashes of the rows that have one
 * @param turned  called some times a second. @throws to end it
 * @returns       groups of two or more pictures, largest first, ids in order
 */
export async function duplicateGroups(
  { features, lengths, imageIds }: Rows,
  looks: LookBits,
  multiplier: Multiplier,
  turned: () => void = () => {},
): Promise<number[][]> {
  const parent = Int32Array.from({ length: features.rows }, (_, at) => at);
  const root = (at: number): number => {
    let top = at;
    while (parent[top] !== top) top = parent[top] = parent[parent[top]!]!;
    return top;
  };
  const joinFrom = (similarity: number) => (first: number, second: number) => {
    const [a, b] = [root(first), root(second)];
    if (a === b || !agree(features, lengths, first, second, similarity)) return;
    parent[Math.max(a, b)] = Math.min(a, b);
  };
  // Copies first: each pair that is joined already is one to compare less.
  const joinCopies = joinFrom(copySimilarity);
  await pairsByBits(looks.bits, {
    mostDifferent: copyDistance,
    found: (first, second) => joinCopies(looks.rows[first]!, looks.rows[second]!),
    turned,
  });
  await pairsByBits(await sidesOf(features, multiplier), {
    mostDifferent: mostSidesDifferent,
    found: joinFrom(duplicateSimilarity),
    turned,
  });
  const groups = Map.groupBy(parent.keys(), root);
  return [...groups.values()]
    .filter((members) => members.length > 1)
    .map((members) => members.map((row) => imageIds[row]!).sort((a, b) => a - b))
    .sort((a, b) => b.length - a.length || a[0]! - b[0]!);
}

/** @returns pictures nearly the same as that of a row, most alike first */
export async function duplicatesOf(
  index: Rows,
  looks: LookBits,
  row: number,
  multiplier: Multiplier,
): Promise<number[]> {
  const found = await similarities(index, row, multiplier);
  const own = looks.rows.indexOf(row);
  const copies = new Set<number>();
  if (own >= 0) {
    looks.rows.forEach((other, place) => {
      if (found[other]! >= copySimilarity && differentBits(looks.bits, own, place) <= copyDistance) copies.add(other);
    });
  }
  const isSame = (other: number) => other !== row && (found[other]! >= duplicateSimilarity || copies.has(other));
  const rows = Int32Array.from(found.keys().filter(isSame));
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

function agree({ values, width }: Matrix, lengths: Float32Array, a: number, b: number, similarity: number): boolean {
  let product = 0;
  for (let at = 0; at < width; at++) product += values[a * width + at]! * values[b * width + at]!;
  return product >= similarity * lengths[a]! * lengths[b]! && product > 0;
}
