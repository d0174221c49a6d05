/** @file From examples to a head whose scores are as sure as it is right. */
import { crossValidate, stratifiedFolds } from './cross-validation.ts';
import { fitWeights, type FitOptions } from './fit-weights.ts';
import type { Examples, HeadModel } from './head-model.ts';
import { calibrate, logOdds } from './temperature.ts';

export interface FitHeadOptions extends FitOptions {
  /** Calibrated before: taken as it is, and time is saved. Only for one category a picture. */
  temperature?: number | undefined;
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
export async function fitHead(examples: Examples, options: FitHeadOptions): Promise<HeadModel> {
  const { labels, categoryIds } = examples;
  const head = await fitWeights(examples, options);
  if (options.temperature !== undefined && !options.multiLabel) return { ...head, temperature: options.temperature };

  const folds = stratifiedFolds(labels, categoryIds.length, foldCount);
  const rounds = labels.length < oneFoldFrom ? Array.from({ length: foldCount }, (_, fold) => fold) : [0];
  const heldOut = await crossValidate(examples, folds, rounds, { ...options, start: head });
  const odds = options.multiLabel ? logOdds(labels, categoryIds.length) : null;
  const { temperature, oddsShare } = calibrate(heldOut.logits, heldOut.labels, odds);
  const biases = odds ? head.biases.map((bias, category) => bias + oddsShare * odds[category]!) : head.biases;
  return { ...head, biases, temperature };
}
