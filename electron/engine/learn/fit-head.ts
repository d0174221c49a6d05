/** @file From examples to a head whose scores are as sure as it is right. */
import { wilson } from '#core/interval.ts';
import type { Interval } from '#core/learn.ts';
import { crossValidate, rightOnes, stratifiedFolds } from './cross-validation.ts';
import { fitWeights, type FitOptions } from './fit-weights.ts';
import type { Examples, HeadModel } from './head-model.ts';
import { calibrate, logOdds } from './temperature.ts';

export interface MeasuredHead {
  head: HeadModel;
  /** Cross-validated; with several categories a picture, of pictures whose every category is right. Null: too few. */
  accuracy: Interval | null;
}

const foldCount = 5;
/** From so many examples on one fold is enough to learn one number from. */
const oneFoldFrom = 2000;

/**
 * L2-regularised logistic regression in which categories count alike: one softmax, or with several categories a picture
 * a sigmoid for each. Then calibrated by cross-validation.
 *
 * @param examples  features as `project` gives them; at least one example
 * @param options   the start, if any, over the same features (`unfoldHead`)
 * @returns         over the same features; `foldHead` makes it one over embeddings
 * @throws {AppError} 'aborted' if `signal` fires first; 'input.invalid' without examples
 */
export async function fitHead(examples: Examples, options: FitOptions): Promise<HeadModel> {
  return (await fitMeasured(examples, options)).head;
}

/** `fitHead`, with what cross-validation says of it besides. */
export async function fitMeasured(examples: Examples, options: FitOptions): Promise<MeasuredHead> {
  const { labels, categoryIds } = examples;
  const fitted = await fitWeights(examples, options);
  const folds = stratifiedFolds(labels, categoryIds.length, foldCount);
  const rounds = labels.length < oneFoldFrom ? Array.from({ length: foldCount }, (_, fold) => fold) : [0];
  const heldOut = await crossValidate(examples, folds, rounds, { ...options, start: fitted });
  const odds = options.multiLabel ? logOdds(labels, categoryIds.length) : null;
  const { temperature, oddsShare } = calibrate(heldOut.logits, heldOut.labels, odds);
  const shift = (odds ?? new Float32Array(categoryIds.length)).map((value) => oddsShare * value);
  const right = rightOnes(heldOut, odds && shift);
  return {
    head: { ...fitted, biases: fitted.biases.map((bias, category) => bias + shift[category]!), temperature },
    accuracy: right.length === 0 ? null : wilson(sum(right), right.length),
  };
}

function sum(values: Uint8Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
