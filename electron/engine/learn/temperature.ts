/** @file How sure a head may be: one number that logits are divided by, learned from examples it has not seen. */
import type { Matrix } from './head-model.ts';

export interface Calibration {
  /** Greater than 0; above 1 the head was too sure. */
  temperature: number;
  /**
   * How much of the logarithm of the odds a category had among the examples is added to its bias, in [0, 1]. Only for
   * several categories a picture: there each was fitted as if half of the pictures had it.
   */
  oddsShare: number;
}

/**
 * Standard deviation of the logarithm of the temperature before anything was seen: a few examples that happen to be all
 * right must not make the head certain.
 */
const spread = 0.5;
const lowest = 0.2;
const highest = 5;
const oddsShares = [0, 0.25, 0.5, 0.75, 1];
/** Held-out examples beyond these change one number by nothing. */
const maxRows = 2000;
const goldenSteps = 24;
const golden = (Math.sqrt(5) - 1) / 2;

/**
 * The temperature that makes the right categories of held-out examples likeliest.
 *
 * @param logits  shape [N, C], by heads that did not see the examples
 * @param labels  the places of their categories
 * @param odds    shape [C]: logarithm of the odds of each category, for several categories a picture; else null
 *
 * Source: Guo et al. 2017, On calibration of modern neural networks, 4.2; with a prior of our own.
 */
export function calibrate(
  logits: Matrix,
  labels: readonly (readonly number[])[],
  odds: Float32Array | null,
): Calibration {
  if (logits.rows === 0) return { temperature: 1, oddsShare: odds ? 1 : 0 };
  const step = Math.ceil(logits.rows / maxRows);
  const rows = Array.from({ length: Math.ceil(logits.rows / step) }, (_, index) => index * step);
  // Of several categories a picture all are looked at; they count as much as one choice, since they hang together.
  const weight = odds ? 2 / logits.width : 1;
  let best: Calibration & { loss: number } = { temperature: 1, oddsShare: 0, loss: Infinity };
  for (const oddsShare of odds ? oddsShares : [0]) {
    const lossAt = (log: number) => {
      const temperature = Math.exp(log);
      let loss = 0;
      for (const row of rows) {
        loss += odds
          ? sigmoidLoss(logits, row, labels[row]!, temperature, odds, oddsShare)
          : softmaxLoss(logits, row, labels[row]![0]!, temperature);
      }
      return weight * step * loss + (log * log) / (2 * spread * spread);
    };
    const log = lowestOf(lossAt, Math.log(lowest), Math.log(highest));
    const loss = lossAt(log);
    if (loss < best.loss) best = { temperature: Math.exp(log), oddsShare, loss };
  }
  return { temperature: best.temperature, oddsShare: best.oddsShare };
}

function softmaxLoss({ values, width }: Matrix, row: number, right: number, temperature: number): number {
  const from = row * width;
  let max = -Infinity;
  for (let at = from; at < from + width; at++) if (values[at]! > max) max = values[at]!;
  let sum = 0;
  for (let at = from; at < from + width; at++) sum += Math.exp((values[at]! - max) / temperature);
  return Math.log(sum) - (values[from + right]! - max) / temperature;
}

function sigmoidLoss(
  { values, width }: Matrix,
  row: number,
  own: readonly number[],
  temperature: number,
  odds: Float32Array,
  oddsShare: number,
): number {
  let loss = 0;
  for (let category = 0; category < width; category++) {
    const logit = (values[row * width + category]! + oddsShare * odds[category]!) / temperature;
    const target = own.includes(category) ? 1 : 0;
    loss += Math.max(logit, 0) + Math.log1p(Math.exp(-Math.abs(logit))) - target * logit;
  }
  return loss;
}

/** Golden section: the loss has one valley. */
function lowestOf(lossAt: (x: number) => number, from: number, to: number): number {
  let [low, high] = [from, to];
  let [left, right] = [high - golden * (high - low), low + golden * (high - low)];
  let [lossLeft, lossRight] = [lossAt(left), lossAt(right)];
  for (let step = 0; step < goldenSteps; step++) {
    if (lossLeft < lossRight) {
      [high, right, lossRight] = [right, left, lossLeft];
      left = high - golden * (high - low);
      lossLeft = lossAt(left);
    } else {
      [low, left, lossLeft] = [left, right, lossRight];
      right = low + golden * (high - low);
      lossRight = lossAt(right);
    }
  }
  return (low + high) / 2;
}

/**
 * Logarithm of the odds of each category among examples, kept finite for categories that all have, or none.
 *
 * @returns shape [C]
 */
export function logOdds(labels: readonly (readonly number[])[], categoryCount: number): Float32Array {
  const counts = new Int32Array(categoryCount);
  for (const own of labels) for (const category of own) counts[category]!++;
  return Float32Array.from(counts, (count) => Math.log((count + 0.5) / (labels.length - count + 0.5)));
}
