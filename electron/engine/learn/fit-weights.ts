/** @file The weights of a head: logistic regression on examples, from nothing or from an earlier head. */
import { AppError } from '#core/errors.ts';
import type { Examples, HeadModel, Matrix, Multiplier } from './head-model.ts';
import { balanced, evaluate, type LogisticParameters, type LogisticProblem } from './logistic.ts';
import { minimise } from './minimise.ts';
import type { Undecided } from './undecided.ts';

export interface FitOptions {
  multiLabel: boolean;
  multiplier: Multiplier;
  /** Where to begin, over features of the same width; of it, the categories that are still there count. */
  start?: HeadModel | undefined;
  /** Pictures to learn from beside the examples; not where a picture may have several categories. */
  undecided?: Undecided | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Of ½‖W‖² beside the sum of losses, what scikit-learn calls 1 / C. Chosen on photos of 14 categories a model does not
 * know: the accuracy is the same to half a point from a third of it to ten times it, and this is the quickest of those.
 */
export const penalty = 0.01;
/** Slope at which to end, against that of a head that knows nothing: the accuracy no longer changes. */
const tolerance = 2e-3;
const maxEvaluations = 100;

/**
 * The lowest point depends on the examples, and the undecided pictures, alone; a start only makes it quicker.
 *
 * @returns a head with temperature 1
 * @throws {AppError} 'aborted' if `signal` fires first; 'input.invalid' without examples
 */
export async function fitWeights(examples: Examples, options: FitOptions): Promise<HeadModel> {
  const { features, labels, categoryIds } = examples;
  const { multiLabel, start, undecided } = options;
  if (features.rows === 0 || categoryIds.length === 0) {
    throw new AppError('input.invalid', 'There is nothing to learn from');
  }
  const categoryCount = categoryIds.length;
  const importance = balanced(labels, categoryCount, multiLabel);
  const problem: LogisticProblem = { features, labels, categoryCount, multiLabel, importance, penalty };
  let found = await lowest(problem, start && startOf(start, examples), options);
  if (undecided && !multiLabel && categoryCount > 1) {
    found = await lowest(
      withUndecided(problem, undecided.features, await undecided.guess(examples, found)),
      found,
      options,
    );
  }
  return { categoryIds, width: features.width, ...found, temperature: 1, multiLabel };
}

async function lowest(
  problem: LogisticProblem,
  start: LogisticParameters | undefined,
  { multiplier, signal }: FitOptions,
): Promise<LogisticParameters> {
  const scale = scales(problem);
  const evaluateScaled = async (point: Float64Array) => {
    const { value, gradient } = await evaluate(problem, unpack(point, scale), multiplier);
    return { value, gradient: pack(gradient, scale, 1) };
  };
  const nothing = new Float64Array(problem.categoryCount * (problem.features.width + 1));
  const { gradient } = await evaluateScaled(nothing);
  const { point } = await minimise(start ? pack(start, scale, -1) : nothing, evaluateScaled, {
    tolerance,
    slopeScale: Math.sqrt(gradient.reduce((sum, value) => sum + value * value, 0)),
    maxEvaluations,
    check: () => {
      if (signal?.aborted) throw new AppError('aborted', 'Learning was cancelled');
    },
  });
  return unpack(point, scale);
}

/** Undecided pictures below the examples, with what they are taken for; categories count alike again. */
function withUndecided(
  problem: LogisticProblem,
  undecided: Matrix,
  { labels: guessed, weights }: { labels: Int32Array; weights: Float32Array },
): LogisticProblem {
  const { features, labels, categoryCount } = problem;
  const { width } = features;
  const values = new Float32Array((features.rows + undecided.rows) * width);
  values.set(features.values);
  values.set(undecided.values, features.values.length);
  const sums = new Float64Array(categoryCount);
  for (const own of labels) sums[own[0]!]!++;
  guessed.forEach((category, row) => (sums[category]! += weights[row]!));
  const present = sums.reduce((count, sum) => count + (sum > 0 ? 1 : 0), 0);
  const fair = sums.reduce((total, sum) => total + sum, 0) / present;
  const importance = new Float32Array(features.rows + undecided.rows);
  labels.forEach((own, row) => (importance[row] = fair / sums[own[0]!]!));
  guessed.forEach((category, row) => {
    importance[features.rows + row] = weights[row] === 0 ? 0 : (weights[row]! * fair) / sums[category]!;
  });
  return {
    ...problem,
    features: { values, rows: features.rows + undecided.rows, width },
    labels: [...labels, ...Array.from(guessed, (category) => [category])],
    importance,
  };
}

/**
 * One unit of each number sought moves the loss about as much as one of any other: principal components differ a
 * thousandfold in variance, and would take hundreds of steps.
 *
 * @returns shape [K + 1], the last one for the biases
 */
function scales({
  features,
  categoryCount,
  penalty: weightPenalty,
  multiLabel,
  importance,
}: LogisticProblem): Float64Array {
  const { values, rows, width } = features;
  const squares = new Float64Array(width);
  let total = 0;
  for (let at = 0, row = 0; row < rows; row++) {
    const weight = multiLabel ? 1 : importance[row]!;
    total += weight;
    for (let column = 0; column < width; column++) {
      const value = values[at++]!;
      squares[column]! += weight * value * value;
    }
  }
  // Curvature of the loss at equal scores (Böhning 1992); it falls as the head grows sure, for all alike.
  const share = multiLabel ? 0.25 : Math.max(1 / categoryCount, 0.02) * Math.max(1 - 1 / categoryCount, 0.02);
  const result = new Float64Array(width + 1);
  for (let column = 0; column <= width; column++) {
    const square = column < width ? squares[column]! * share + weightPenalty : total * share;
    result[column] = Math.sqrt(rows / square);
  }
  return result;
}

/** @param direction  1 for a gradient, −1 for a point */
function pack({ weights, biases }: LogisticParameters, scale: Float64Array, direction: 1 | -1): Float64Array {
  const width = scale.length - 1;
  const packed = new Float64Array(biases.length * (width + 1));
  for (let at = 0, category = 0; category < biases.length; category++) {
    for (let column = 0; column <= width; column++) {
      const value = column < width ? weights[category * width + column]! : biases[category]!;
      packed[at++] = direction === 1 ? value * scale[column]! : value / scale[column]!;
    }
  }
  return packed;
}

function unpack(packed: Float64Array, scale: Float64Array): LogisticParameters {
  const width = scale.length - 1;
  const count = packed.length / (width + 1);
  const weights = new Float32Array(count * width);
  const biases = new Float32Array(count);
  for (let at = 0, category = 0; category < count; category++) {
    for (let column = 0; column < width; column++) weights[category * width + column] = packed[at++]! * scale[column]!;
    biases[category] = packed[at++]! * scale[width]!;
  }
  return { weights, biases };
}

/** Categories that are new begin with nothing. */
function startOf(start: HeadModel, { features: { width }, categoryIds }: Examples): LogisticParameters {
  if (start.width !== width) {
    throw new AppError('internal', `A head over ${start.width} values cannot start one over ${width}`);
  }
  const places = new Map(start.categoryIds.map((categoryId, place) => [categoryId, place]));
  const weights = new Float32Array(categoryIds.length * width);
  const biases = new Float32Array(categoryIds.length);
  categoryIds.forEach((categoryId, to) => {
    const from = places.get(categoryId);
    if (from === undefined) return;
    weights.set(start.weights.subarray(from * width, (from + 1) * width), to * width);
    biases[to] = start.biases[from]!;
  });
  return { weights, biases };
}
