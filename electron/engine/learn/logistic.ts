/** @file What a logistic regression minimises, and the scores that logits stand for. */
import type { Matrix, Multiplier } from './head-model.ts';

/** Everything but the weights sought. */
export interface LogisticProblem {
  /** Shape [N, K]. */
  features: Matrix;
  /** For each row the places of its categories. */
  labels: readonly (readonly number[])[];
  /** C */
  categoryCount: number;
  /** A sigmoid for each category instead of one softmax over all. */
  multiLabel: boolean;
  /** Shape [N], or with several categories [N, C]: how much each (picture, category) counts. */
  importance: Float32Array;
  /** Of ½‖W‖² beside the sum of losses; biases are free. */
  penalty: number;
}

export interface LogisticParameters {
  /** Shape [C, K]. */
  weights: Float32Array;
  /** Shape [C]. */
  biases: Float32Array;
}

export interface Objective {
  /** Divided by the number of rows, as the gradient is. */
  value: number;
  gradient: LogisticParameters;
}

/** @returns shape [N, C], not divided by a temperature */
export async function logitsOf(
  features: Matrix,
  { weights, biases }: LogisticParameters,
  multiplier: Multiplier,
): Promise<Matrix> {
  const logits = await multiplier.timesTransposed(features, {
    values: weights,
    rows: biases.length,
    width: features.width,
  });
  const { values, rows, width } = logits;
  for (let at = 0, row = 0; row < rows; row++) {
    for (let category = 0; category < width; category++) values[at++]! += biases[category]!;
  }
  return logits;
}

/** The mean loss with its penalty, and its slope. */
export async function evaluate(
  problem: LogisticProblem,
  parameters: LogisticParameters,
  multiplier: Multiplier,
): Promise<Objective> {
  const { features, categoryCount, penalty, multiLabel } = problem;
  const logits = await logitsOf(features, parameters, multiplier);
  // Written over the logits: what each moves the loss by.
  const loss = multiLabel ? sigmoidSlopes(problem, logits.values) : softmaxSlopes(problem, logits.values);
  const { values: slopes } = await multiplier.transposedTimes(logits, features);
  const { weights } = parameters;
  let square = 0;
  for (let at = 0; at < weights.length; at++) {
    const weight = weights[at]!;
    square += weight * weight;
    slopes[at] = (slopes[at]! + penalty * weight) / features.rows;
  }
  const biases = new Float64Array(categoryCount);
  for (let at = 0, row = 0; row < features.rows; row++) {
    for (let category = 0; category < categoryCount; category++) biases[category]! += logits.values[at++]!;
  }
  return {
    value: (loss + (penalty * square) / 2) / features.rows,
    gradient: { weights: slopes, biases: Float32Array.from(biases, (sum) => sum / features.rows) },
  };
}

/** @returns the loss */
function softmaxSlopes({ labels, categoryCount, importance }: LogisticProblem, values: Float32Array): number {
  let loss = 0;
  for (let row = 0; row < labels.length; row++) {
    const from = row * categoryCount;
    const to = from + categoryCount;
    let max = -Infinity;
    for (let at = from; at < to; at++) if (values[at]! > max) max = values[at]!;
    const right = from + labels[row]![0]!;
    const rightLogit = values[right]!;
    let sum = 0;
    for (let at = from; at < to; at++) {
      const value = Math.exp(values[at]! - max);
      values[at] = value;
      sum += value;
    }
    const weight = importance[row]!;
    loss += weight * (Math.log(sum) + max - rightLogit);
    const factor = weight / sum;
    for (let at = from; at < to; at++) values[at]! *= factor;
    values[right]! -= weight;
  }
  return loss;
}

/** @returns the loss */
function sigmoidSlopes({ labels, categoryCount, importance }: LogisticProblem, values: Float32Array): number {
  let loss = 0;
  for (let row = 0; row < labels.length; row++) {
    const from = row * categoryCount;
    const own = labels[row]!;
    for (let category = 0; category < categoryCount; category++) {
      const at = from + category;
      const logit = values[at]!;
      const target = own.includes(category) ? 1 : 0;
      const weight = importance[at]!;
      // log(1 + exp(x)) without overflow.
      const small = Math.exp(-Math.abs(logit));
      loss += weight * (Math.max(logit, 0) + Math.log1p(small) - target * logit);
      const score = logit >= 0 ? 1 / (1 + small) : small / (1 + small);
      values[at] = weight * (score - target);
    }
  }
  return loss;
}

/**
 * How much each picture counts, so that categories count alike however many pictures they have.
 *
 * @returns shape [N], or with several categories [N, C]; its mean is 1
 */
export function balanced(
  labels: readonly (readonly number[])[],
  categoryCount: number,
  multiLabel: boolean,
): Float32Array {
  const rows = labels.length;
  const counts = new Int32Array(categoryCount);
  for (const own of labels) for (const category of own) counts[category]!++;
  if (!multiLabel) {
    const present = counts.reduce((count, pictures) => count + (pictures > 0 ? 1 : 0), 0);
    return Float32Array.from(labels, (own) => rows / (present * counts[own[0]!]!));
  }
  const importance = new Float32Array(rows * categoryCount);
  for (let category = 0; category < categoryCount; category++) {
    const yes = counts[category]!;
    // A category that all pictures have, or none, has no other side to be balanced against.
    const one = yes > 0 && yes < rows;
    const [withIt, without] = one ? [rows / (2 * yes), rows / (2 * (rows - yes))] : [1, 1];
    for (let row = 0; row < rows; row++) {
      importance[row * categoryCount + category] = labels[row]!.includes(category) ? withIt : without;
    }
  }
  return importance;
}
