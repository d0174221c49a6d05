/**
 * @file Unsure pictures first, but none that shows what one before it shows: each tells most about what others, the
 * unsure ones above all, are not yet known to be.
 *
 * Source of the idea: Yu, Bi, Tresp 2006, Active learning via transductive experimental design. A Gaussian process
 * whose covariance is the cosine knows what decisions about some pictures leave open of others; each pick is the one
 * that leaves least. In the space of features its state is one matrix, so a pick costs two products with a vector.
 */
import type { Matrix, Multiplier } from './head-model.ts';
import { scaleRows } from './projection.ts';
import { sortedPlaces } from './sorting.ts';
import { inverseCholesky } from './symmetric.ts';

/** Least sure pictures that are chosen from; the surest of a large dataset would come last anyway. */
const candidateLimit = 4000;
/** Pictures that stand for all which are undecided, taken evenly. */
const referenceLimit = 4000;
/** Decided pictures that stand for all of them, taken evenly. */
const decidedLimit = 8000;
/** Picks; by then there are decisions to choose anew from. */
const firstPicks = 250;
/**
 * Variance of what a decision says about its own picture, where pictures alike vary by 1: two pictures of a category
 * say more than one.
 */
const noise = 1;
/** A picture this like one before it shows the same; the cosine of near duplicates. */
const sameLikeness = 0.95;

export interface DiverseInput {
  /** Shape [N, K]. */
  features: Matrix;
  /** Rows of `features` to put in order, none of them decided; all without it. */
  rows?: Int32Array;
  /** For each of the rows, in [0, 1]: 1 is least sure. */
  uncertainty: Float32Array;
  /** Shape [M, K]: pictures already decided, which are shown no more of. */
  decided: Matrix;
  /** Pictures put in this order; the rest follows, least sure first. */
  limit?: number;
}

/** @returns rows of `features`, the one to look at first first */
export async function diverseOrder(
  { features, rows = places(features.rows), uncertainty, decided, limit = firstPicks }: DiverseInput,
  multiplier: Multiplier,
): Promise<Int32Array> {
  if (rows.length === 0) return rows;
  const byDoubt = sortedPlaces(uncertainty.map((doubt) => -doubt));
  const chosen = byDoubt.subarray(0, candidateLimit);
  const scaled = (some: Int32Array) =>
    scaleRows(
      pickRows(
        features,
        some.map((at) => rows[at]!),
      ),
    );
  const candidates = scaled(chosen);
  const known = scaleRows(pickRows(decided, evenly(decided.rows, decidedLimit)));
  const standing = evenly(rows.length, referenceLimit);
  const references = scaled(standing);
  standing.forEach((at, row) => {
    // Squares are summed: each reference counts by the root of its doubt.
    const root = uncertainty[at]! ** 0.25;
    for (let k = row * features.width; k < (row + 1) * features.width; k++) references.values[k]! *= root;
  });

  const picked = await mostTelling({ candidates, known, references, limit }, multiplier);
  const isPicked = new Uint8Array(rows.length);
  const order = new Int32Array(rows.length);
  let place = 0;
  for (const candidate of picked) {
    const at = chosen[candidate]!;
    isPicked[at] = 1;
    order[place++] = rows[at]!;
  }
  for (const at of byDoubt) if (isPicked[at] === 0) order[place++] = rows[at]!;
  return order;
}

interface Telling {
  /** All of length 1, but references, which are weighed. */
  candidates: Matrix;
  known: Matrix;
  references: Matrix;
  limit: number;
}

/** @returns rows of `candidates`, none of which shows what one before it, or one that is known, shows */
async function mostTelling(
  { candidates, known, references, limit }: Telling,
  multiplier: Multiplier,
): Promise<number[]> {
  const { rows, width } = candidates;
  const open = await openness(known, width, multiplier);
  const weighed = await multiplier.transposedTimes(references, references);
  const ahead = await multiplier.timesTransposed(candidates, open);
  const told = await multiplier.timesTransposed(ahead, weighed);
  // Of each candidate what is open about itself, and what of the references it would tell.
  const own = Float64Array.from({ length: rows }, (_, row) => rowProduct(ahead, candidates, row));
  const gains = Float64Array.from({ length: rows }, (_, row) => rowProduct(told, ahead, row));
  const isSame = new Uint8Array(rows);

  const picked: number[] = [];
  while (picked.length < Math.min(limit, rows)) {
    let best = -1;
    let most = 0;
    for (let row = 0; row < rows; row++) {
      const worth = isSame[row] ? -1 : gains[row]! / (own[row]! + noise);
      if (worth > most) [best, most] = [row, worth];
    }
    if (best < 0) break;
    isSame[best] = 1;
    const picture = candidates.values.slice(best * width, (best + 1) * width);
    if (await isAmong(picture, known, multiplier)) continue;
    picked.push(best);
    const step = timesVector(open, picture);
    const size = 1 / Math.sqrt(own[best]! + noise);
    for (let k = 0; k < width; k++) step[k]! *= size;
    const heard = timesVector(weighed, step);
    const back = timesVector(open, heard);
    const norm = dot(step, heard);
    const directions = new Float32Array(3 * width);
    directions.set(picture);
    directions.set(step, width);
    directions.set(back, 2 * width);
    const { values } = await multiplier.timesTransposed(candidates, { values: directions, rows: 3, width });
    for (let row = 0; row < rows; row++) {
      if (values[3 * row]! >= sameLikeness) isSame[row] = 1;
      const along = values[3 * row + 1]!;
      own[row]! -= along * along;
      gains[row]! += along * (along * norm - 2 * values[3 * row + 2]!);
    }
    for (let at = 0, row = 0; row < width; row++) {
      for (let column = 0; column < width; column++) open.values[at++]! -= step[row]! * step[column]!;
    }
  }
  return picked;
}

/** What decisions leave open, as a covariance in the space of features: (I + XᵀX / noise)⁻¹, shape [K, K]. */
async function openness(known: Matrix, width: number, multiplier: Multiplier): Promise<Matrix> {
  const values = new Float32Array(width * width);
  if (known.rows > 0) values.set((await multiplier.transposedTimes(known, known)).values);
  for (let at = 0; at < values.length; at++) values[at]! /= noise;
  for (let k = 0; k < width; k++) values[k * width + k]! += 1;
  const inverse = { values: Float32Array.from(inverseCholesky(values, width)), rows: width, width };
  return multiplier.transposedTimes(inverse, inverse);
}

/** Whether what a picture shows is shown by one that is known. */
async function isAmong(picture: Float32Array, known: Matrix, multiplier: Multiplier): Promise<boolean> {
  if (known.rows === 0) return false;
  const { values } = await multiplier.timesTransposed(known, { values: picture, rows: 1, width: picture.length });
  return values.some((cosine) => cosine >= sameLikeness);
}

function places(count: number): Int32Array {
  const all = new Int32Array(count);
  for (let at = 0; at < count; at++) all[at] = at;
  return all;
}

function evenly(count: number, limit: number): Int32Array {
  const step = Math.max(1, count / limit);
  return Int32Array.from({ length: Math.min(count, limit) }, (_, at) => Math.floor(at * step));
}

function pickRows({ values, width }: Matrix, rows: Int32Array): Matrix {
  const picked = new Float32Array(rows.length * width);
  rows.forEach((row, at) => picked.set(values.subarray(row * width, (row + 1) * width), at * width));
  return { values: picked, rows: rows.length, width };
}

function rowProduct(a: Matrix, b: Matrix, row: number): number {
  const [from, to] = [row * a.width, (row + 1) * a.width];
  return dot(a.values.subarray(from, to), b.values.subarray(from, to));
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!;
  return sum;
}

/** @param matrix  shape [K, K] */
function timesVector({ values, rows, width }: Matrix, vector: Float32Array): Float32Array<ArrayBuffer> {
  const result = new Float32Array(rows);
  for (let at = 0, row = 0; row < rows; row++) {
    let sum = 0;
    for (let column = 0; column < width; column++) sum += values[at++]! * vector[column]!;
    result[row] = sum;
  }
  return result;
}
