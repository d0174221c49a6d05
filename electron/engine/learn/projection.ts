/** @file The space everything learned works in: embeddings of length 1, centred, on their principal components. */
import { AppError } from '#core/errors.ts';
import type { HeadModel, Matrix, Multiplier } from './head-model.ts';
import { randomNumbers } from './random.ts';
import { inverseCholesky, principalAxes } from './symmetric.ts';

/** A plain object of arrays: it can be sent to a thread, and stored. */
export interface Projection {
  /** Of the embeddings, D. */
  width: number;
  /** Shape [D]: mean of the sample, subtracted from every row. */
  mean: Float32Array;
  /** Shape [K, D], rows orthonormal, largest variance first; null: centring is all. */
  components: Matrix | null;
}

/** Directions beyond those wanted; with them few passes are enough (Halko et al. 2011, 4.3). */
const spare = 16;
/** Passes that sharpen the directions; two are enough where the spectrum falls slowly (Halko et al. 2011, 4.5). */
const powerPasses = 2;
/**
 * Part of the total variance that every direction counts as having: without it, samples of few pictures leave
 * directions undefined, and float32 cannot tell them apart.
 */
const floorShare = 1e-4;

/** Scale each row to length 1, in place; rows of zeros stay. */
export function scaleRows(matrix: Matrix): Matrix {
  const { values, rows, width } = matrix;
  for (let row = 0; row < rows; row++) {
    const [from, to] = [row * width, (row + 1) * width];
    let square = 0;
    for (let at = from; at < to; at++) square += values[at]! * values[at]!;
    const factor = square > 0 ? 1 / Math.sqrt(square) : 0;
    for (let at = from; at < to; at++) values[at]! *= factor;
  }
  return matrix;
}

/**
 * The same for the same sample. A sample with fewer rows than components gets directions in which it does not vary, too:
 * any, so that other pictures keep what tells them apart.
 *
 * @param sample  shape [N, D], rows of length 1, taken at random; some thousands are plenty
 * @param width   K, components wanted; for D ≤ K embeddings are only centred
 *
 * Source: Halko, Martinsson, Tropp 2011, Finding structure with randomness, algorithm 4.4.
 */
export async function fitProjection(sample: Matrix, width: number, multiplier: Multiplier): Promise<Projection> {
  const mean = meanOf(sample);
  if (sample.width <= width) return { width: sample.width, mean, components: null };
  const centred = centre(sample, mean);
  const random = randomNumbers(1);
  const count = Math.min(sample.width, width + spare);
  const start = Float32Array.from({ length: count * sample.width }, () => 2 * random() - 1);
  let directions = await orthonormal({ values: start, rows: count, width: sample.width }, multiplier);
  let total = 0;
  for (const value of centred.values) total += value * value;
  const floor = total === 0 ? 1 : total * floorShare;
  for (let pass = 0; pass < powerPasses; pass++) {
    const onThem = await multiplier.timesTransposed(centred, directions);
    const stretched = await multiplier.transposedTimes(onThem, centred);
    for (let at = 0; at < stretched.values.length; at++) stretched.values[at]! += floor * directions.values[at]!;
    directions = await orthonormal(stretched, multiplier);
  }
  const onThem = await multiplier.timesTransposed(centred, directions);
  const { values } = await multiplier.transposedTimes(onThem, onThem);
  const { vectors } = principalAxes(values, count);
  const best = { values: transposed(vectors, width, count), rows: count, width };
  return { width: sample.width, mean, components: await multiplier.transposedTimes(best, directions) };
}

/**
 * @param matrix  shape [N, D], rows of length 1; left as it is
 * @returns       shape [N, K]
 */
export async function project(matrix: Matrix, projection: Projection, multiplier: Multiplier): Promise<Matrix> {
  const { components, mean } = projection;
  checkWidth(matrix.width, projection.width);
  if (!components) return centre(matrix, mean);
  // (x − m) · V = x · V − m · V: no copy of what may be gigabytes.
  const [result, shift] = await Promise.all([
    multiplier.timesTransposed(matrix, components),
    multiplier.timesTransposed({ values: mean, rows: 1, width: mean.length }, components),
  ]);
  subtract(result, shift.values);
  return result;
}

/**
 * The same head over embeddings of length 1.
 *
 * @param head  over rows as `project` gives them
 */
export async function foldHead(head: HeadModel, projection: Projection, multiplier: Multiplier): Promise<HeadModel> {
  const { components, mean, width } = projection;
  checkWidth(head.width, components?.rows ?? width);
  const count = head.categoryIds.length;
  const weights = components
    ? (
        await multiplier.transposedTimes(
          { values: transposed(head.weights, count, head.width), rows: head.width, width: count },
          components,
        )
      ).values
    : head.weights.slice();
  return { ...head, width, weights, biases: shifted(head.biases, weights, mean, -1) };
}

/** What `foldHead` undoes; of weights from elsewhere, the part that the components can express. */
export async function unfoldHead(head: HeadModel, projection: Projection, multiplier: Multiplier): Promise<HeadModel> {
  const { components, mean, width } = projection;
  checkWidth(head.width, width);
  const biases = shifted(head.biases, head.weights, mean, 1);
  if (!components) return { ...head, weights: head.weights.slice(), biases };
  const rows = { values: head.weights, rows: head.categoryIds.length, width };
  const { values } = await multiplier.timesTransposed(rows, components);
  return { ...head, width: components.rows, weights: values, biases };
}

function meanOf({ values, rows, width }: Matrix): Float32Array {
  const sums = new Float64Array(width);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < width; column++) sums[column]! += values[row * width + column]!;
  }
  return Float32Array.from(sums, (sum) => sum / Math.max(1, rows));
}

function centre({ values, rows, width }: Matrix, mean: Float32Array): Matrix {
  const copy = { values: values.slice(), rows, width };
  subtract(copy, mean);
  return copy;
}

function subtract({ values, rows, width }: Matrix, row: Float32Array): void {
  for (let at = 0, index = 0; index < rows; index++) {
    for (let column = 0; column < width; column++) values[at++]! -= row[column]!;
  }
}

/** Rows that span the same space, in three rounds: see `inverseCholesky`. */
async function orthonormal(matrix: Matrix, multiplier: Multiplier): Promise<Matrix> {
  let result = matrix;
  for (let round = 0; round < 3; round++) {
    const gram = await multiplier.timesTransposed(result, result);
    const inverse = inverseCholesky(gram.values, result.rows);
    const turned = { values: transposed(inverse, result.rows, result.rows), rows: result.rows, width: result.rows };
    result = await multiplier.transposedTimes(turned, result);
  }
  return result;
}

/**
 * @param values  shape [rows or more, width]
 * @returns       shape [width, rows]
 */
function transposed(values: ArrayLike<number>, rows: number, width: number): Float32Array {
  const result = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < width; column++) result[column * rows + row] = values[row * width + column]!;
  }
  return result;
}

/** biases + sign · weights · mean */
function shifted(biases: Float32Array, weights: Float32Array, mean: Float32Array, sign: 1 | -1): Float32Array {
  return biases.map((bias, category) => {
    let sum = 0;
    for (let k = 0; k < mean.length; k++) sum += weights[category * mean.length + k]! * mean[k]!;
    return bias + sign * sum;
  });
}

function checkWidth(found: number, expected: number): void {
  if (found !== expected) throw new AppError('internal', `Embeddings of ${found} values instead of ${expected}`);
}
