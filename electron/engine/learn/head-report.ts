/** @file Everything honest that can be said about a head: what heads like it say of examples they have not seen. */
import { wilson } from '#core/interval.ts';
import type { HeadReport, Interval } from '#core/learn.ts';
import { softmax } from '#core/scores.ts';
import { calibrationError } from './calibration-error.ts';
import { crossValidate, pick, predicted, rightOnes, split, stratifiedFolds, type HeldOut } from './cross-validation.ts';
import { fitWeights, type FitOptions } from './fit-weights.ts';
import type { Examples } from './head-model.ts';
import { logitsOf } from './logistic.ts';
import { calibrate, logOdds } from './temperature.ts';

export interface ReportOptions extends FitOptions {
  nameOf: (categoryId: number) => string;
}

const foldCount = 5;
/** Shares of the examples that the learning curve is drawn through, beside all of them. */
const curveShares = [1 / 16, 1 / 8, 1 / 4, 1 / 2];

/**
 * Five folds, then the learning curve on three of them: as much work as some ten fits.
 *
 * @throws {AppError} 'aborted' if `signal` fires first; 'input.invalid' without examples
 */
export async function reportOn(examples: Examples, options: ReportOptions): Promise<Omit<HeadReport, 'runId'>> {
  const { labels, categoryIds } = examples;
  const count = categoryIds.length;
  const start = await fitWeights(examples, options);
  const folds = stratifiedFolds(labels, count, foldCount);
  const rounds = Array.from({ length: foldCount }, (_, fold) => fold);
  const heldOut = await crossValidate(examples, folds, rounds, { ...options, start });
  const odds = options.multiLabel ? logOdds(labels, count) : null;
  const { temperature, oddsShare } = calibrate(heldOut.logits, heldOut.labels, odds);
  const shift = odds && odds.map((value) => oddsShare * value);

  const confusion = confusionOf(heldOut, shift, count);
  const decided = new Int32Array(count);
  for (const own of heldOut.labels) for (const category of own) decided[category]!++;
  const said = new Int32Array(count);
  heldOut.labels.forEach((_, row) => {
    for (const category of predicted(heldOut.logits, row, shift)) said[category]!++;
  });
  const exampleCounts = new Int32Array(count);
  for (const own of labels) for (const category of own) exampleCounts[category]!++;
  const accuracy = accuracyOf(rightOnes(heldOut, shift));
  return {
    folds: foldCount,
    exampleCount: labels.length,
    accuracy,
    balancedAccuracy: balancedAccuracy(confusion, decided),
    temperature,
    calibrationError: {
      before: errorAt(heldOut, odds, () => ({ temperature: 1, oddsShare: 0 })),
      // Of each fold with what the others say, or it would praise itself.
      after: errorAt(heldOut, odds, (fold) => calibrateWithout(heldOut, fold, odds)),
    },
    categories: categoryIds.map((categoryId, place) => ({
      categoryId,
      name: options.nameOf(categoryId),
      exampleCount: exampleCounts[place]!,
      precision: wilson(confusion[place]![place]!, said[place]!),
      recall: wilson(confusion[place]![place]!, decided[place]!),
    })),
    learningCurve: [
      ...(await learningCurve(examples, folds, options)),
      { exampleCount: Math.round((labels.length * (foldCount - 1)) / foldCount), accuracy },
    ],
    confusion,
  };
}

/** Rows: decided; columns: predicted. With several a picture, only what is wrong stands beside the diagonal. */
function confusionOf({ logits, labels }: HeldOut, shift: Float32Array | null, count: number): number[][] {
  const confusion = Array.from({ length: count }, () => new Array<number>(count).fill(0));
  labels.forEach((own, row) => {
    const said = predicted(logits, row, shift);
    for (const category of own) {
      if (said.includes(category)) confusion[category]![category]!++;
      else for (const other of said) if (!own.includes(other)) confusion[category]![other]!++;
    }
  });
  return confusion;
}

function accuracyOf(right: Uint8Array): Interval {
  let correct = 0;
  for (const one of right) correct += one;
  return wilson(correct, right.length);
}

/** The mean of shares out of n₁, n₂, … varies as a share out of C² / Σ 1/n does, were all of them equal. */
function balancedAccuracy(confusion: readonly number[][], decided: Int32Array): Interval {
  let [sum, inverse, seen] = [0, 0, 0];
  decided.forEach((pictures, place) => {
    if (pictures === 0) return;
    sum += confusion[place]![place]! / pictures;
    inverse += 1 / pictures;
    seen++;
  });
  if (seen === 0) return wilson(0, 0);
  const equal = (seen * seen) / inverse;
  return wilson((sum / seen) * equal, equal);
}

type Calibrating = (fold: number) => { temperature: number; oddsShare: number };

function errorAt({ logits, labels, folds }: HeldOut, odds: Float32Array | null, calibrating: Calibrating): number {
  const byFold = new Map(Array.from(new Set(folds), (fold) => [fold, calibrating(fold)]));
  const scores: number[] = [];
  const right: number[] = [];
  labels.forEach((own, row) => {
    const { temperature, oddsShare } = byFold.get(folds[row]!)!;
    const values = logits.values.subarray(row * logits.width, (row + 1) * logits.width);
    if (odds) {
      values.forEach((logit, category) => {
        scores.push(1 / (1 + Math.exp(-(logit + oddsShare * odds[category]!) / temperature)));
        right.push(own.includes(category) ? 1 : 0);
      });
      return;
    }
    const [best] = predicted(logits, row, null);
    scores.push(softmax(values, temperature)[best!]!);
    right.push(own[0] === best ? 1 : 0);
  });
  return calibrationError(scores, right);
}

function calibrateWithout({ logits, labels, folds }: HeldOut, fold: number, odds: Float32Array | null) {
  const { width } = logits;
  const { outside } = split(folds, fold);
  const values = new Float32Array(outside.length * width);
  outside.forEach((row, to) => values.set(logits.values.subarray(row * width, (row + 1) * width), to * width));
  const others = Array.from(outside, (row) => labels[row]!);
  return calibrate({ values, rows: outside.length, width }, others, odds);
}

/** On three folds, each with parts of the rest; sizes at which a category would have no example are left out. */
async function learningCurve(examples: Examples, folds: Int32Array, options: FitOptions) {
  const count = examples.categoryIds.length;
  const curve: HeadReport['learningCurve'] = [];
  for (const share of curveShares) {
    let [used, correct, tested] = [0, 0, 0];
    for (const round of [0, 1, 2]) {
      const { inside, outside } = split(folds, round);
      if (inside.length === 0) continue;
      const rest = pick(examples, outside);
      const parts = stratifiedFolds(rest.labels, count, Math.round(1 / share), round + 2);
      const part = pick(rest, split(parts, 0).inside);
      if (part.labels.length < 2 * count) continue;
      const head = await fitWeights(part, options);
      const tests = pick(examples, inside);
      const logits = await logitsOf(tests.features, head, options.multiplier);
      const odds = options.multiLabel ? logOdds(part.labels, count) : null;
      const heldOut = { rows: inside, logits, folds: inside, labels: tests.labels };
      for (const one of rightOnes(heldOut, odds)) correct += one;
      tested += inside.length;
      used = part.labels.length;
    }
    if (tested > 0) curve.push({ exampleCount: used, accuracy: wilson(correct, tested) });
  }
  return curve;
}
