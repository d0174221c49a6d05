/**
 * @file Unsure pictures first, but none that shows what one before it shows: those that together stand for as many
 * other unsure pictures as possible (facility location), each weighed by how unsure it is.
 *
 * Source of the idea: Wei, Iyer, Bilmes 2015, Submodularity in data subset selection and active learning; greedy picks
 * whose worth is only computed anew when it may matter: Minoux 1978, Accelerated greedy algorithms.
 */
import type { Matrix, Multiplier } from './head-model.ts';
import { scaleRows } from './projection.ts';
import { sortedPlaces } from './sorting.ts';

/** Least sure pictures that are chosen from; the surest of a large dataset would come last anyway. */
const candidateLimit = 4000;
/** Pictures that stand for all which are undecided, taken evenly. */
const referenceLimit = 2000;
/** Decided pictures compared at once. */
const blockRows = 2000;
/** Picks; by then there are decisions to choose anew from. */
const firstPicks = 500;
/** Pictures no more alike than this say nothing of each other, so that far ones do not add up to something. */
const leastLikeness = 0.2;

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
  const candidates = byDoubt.subarray(0, candidateLimit);
  const step = Math.max(1, rows.length / referenceLimit);
  const references = Int32Array.from({ length: Math.min(rows.length, referenceLimit) }, (_, at) =>
    Math.floor(at * step),
  );
  const scaled = (some: Int32Array) =>
    scaleRows(
      pickRows(
        features,
        some.map((at) => rows[at]!),
      ),
    );
  const referred = scaled(references);
  const cover = await largestProducts(referred, scaleRows(decided), multiplier);
  const likeness = await multiplier.timesTransposed(scaled(candidates), referred);
  const weights = Float32Array.from(references, (at) => uncertainty[at]! ** 2);

  function worth(at: number): number {
    let sum = 0;
    for (let other = 0, from = at * references.length; other < references.length; other++) {
      const more = likeness.values[from + other]! - cover[other]!;
      if (more > 0) sum += weights[other]! * more;
    }
    return sum * uncertainty[candidates[at]!]! ** 2;
  }

  const most = Float64Array.from(candidates, (_, at) => worth(at));
  const computedAt = new Int32Array(candidates.length);
  const picked: number[] = [];
  while (picked.length < Math.min(limit, candidates.length)) {
    let best = largestPlace(most);
    // What was worth most before is worth no more now; it is the best if it still is worth more than all others were.
    while (computedAt[best] !== picked.length && most[best]! > 0) {
      most[best] = worth(best);
      computedAt[best] = picked.length;
      best = largestPlace(most);
    }
    if (most[best]! <= 0) break;
    most[best] = -1;
    picked.push(candidates[best]!);
    for (let other = 0, from = best * references.length; other < references.length; other++) {
      cover[other] = Math.max(cover[other]!, likeness.values[from + other]!);
    }
  }
  const isPicked = new Set(picked);
  return Int32Array.from([...picked, ...byDoubt.filter((at) => !isPicked.has(at))], (at) => rows[at]!);
}

const places = (count: number): Int32Array => Int32Array.from({ length: count }, (_, at) => at);

function largestPlace(values: Float64Array): number {
  let best = 0;
  for (let at = 1; at < values.length; at++) if (values[at]! > values[best]!) best = at;
  return best;
}

function pickRows({ values, width }: Matrix, rows: Int32Array): Matrix {
  const picked = new Float32Array(rows.length * width);
  rows.forEach((row, at) => picked.set(values.subarray(row * width, (row + 1) * width), at * width));
  return { values: picked, rows: rows.length, width };
}

/** Of each row of `a` the largest product with any row of `b`, at least `leastLikeness`. */
async function largestProducts(a: Matrix, b: Matrix, multiplier: Multiplier): Promise<Float32Array> {
  const largest = new Float32Array(a.rows).fill(leastLikeness);
  if (a.rows === 0) return largest;
  for (let from = 0; from < b.rows; from += blockRows) {
    const rows = Math.min(blockRows, b.rows - from);
    // Copied, for the runtime reads tensors from the start of their memory.
    const block = { values: b.values.slice(from * b.width, (from + rows) * b.width), rows, width: b.width };
    const { values } = await multiplier.timesTransposed(a, block);
    for (let at = 0, row = 0; row < a.rows; row++) {
      for (let other = 0; other < rows; other++) largest[row] = Math.max(largest[row]!, values[at++]!);
    }
  }
  return largest;
}
