/** @file How much queues save a person: labels until a head is good, and how early slips are found. */
import type { QueueEvaluation } from '#core/learn-evaluation.ts';
import { crossValidate, pick, predicted, stratifiedFolds } from './cross-validation.ts';
import { diverseOrder } from './diverse.ts';
import { fitHead } from './fit-head.ts';
import type { Examples, HeadModel, Matrix, Multiplier } from './head-model.ts';
import { suspects } from './label-errors.ts';
import { logitsOf } from './logistic.ts';
import { scoresOf } from './predict.ts';
import { randomNumbers, shuffle } from './random.ts';
import { openUndecided } from './undecided.ts';

/** Share of each category that may be labeled; the rest is tested on. */
const poolShare = 2 / 3;
/** Labels between two heads. */
const labelStep = 5;
/** Share of what a head learned from the whole pool gets right. */
const goodShare = 0.95;
const slipShare = 0.05;
/** Share of the queue that a person looks through. */
const lookedAtShare = 0.1;
const foldCount = 5;

interface Pool {
  all: Examples;
  /** Rows that may be labeled, in random order: the first one is labeled to begin with. */
  rows: Int32Array;
  tests: Examples;
  /** Accuracy that is good enough. */
  goal: number;
}

/** @param all  one category a picture; features as `project` gives them */
export async function evaluateQueues(all: Examples, seeds: number, multiplier: Multiplier): Promise<QueueEvaluation> {
  const result: QueueEvaluation = { poolSize: 0, aloneLabels: [], randomLabels: [], diverseLabels: [], slipsFound: [] };
  for (let seed = 0; seed < seeds; seed++) {
    const pool = await openPool(all, seed, multiplier);
    result.poolSize = pool.rows.length;
    result.aloneLabels.push(await labelsUntilGood(pool, takeNext, multiplier, { alone: true }));
    result.randomLabels.push(await labelsUntilGood(pool, takeNext, multiplier));
    result.diverseLabels.push(await labelsUntilGood(pool, takeDiverse(multiplier), multiplier));
    result.slipsFound.push(await slipsFound(all, seed, multiplier));
  }
  return result;
}

async function openPool(all: Examples, seed: number, multiplier: Multiplier): Promise<Pool> {
  const random = randomNumbers(seed + 1000);
  const byCategory = all.categoryIds.map((_, category) =>
    shuffle(Int32Array.from(all.labels.flatMap((own, row) => (own[0] === category ? [row] : []))), random),
  );
  const size = (rows: Int32Array) => Math.floor(rows.length * poolShare);
  const rows = shuffle(Int32Array.from(byCategory.flatMap((own) => [...own.subarray(0, size(own))])), random);
  const tests = pick(all, Int32Array.from(byCategory.flatMap((own) => [...own.subarray(size(own))])));
  const best = await fitHead(pick(all, rows), { multiLabel: false, multiplier });
  return { all, rows, tests, goal: goodShare * (await accuracyOf(best, tests, multiplier)) };
}

/** Which of the open rows to label next; without a head while only one category has labels. */
type Take = (all: Examples, labeled: Int32Array, open: Int32Array, head: HeadModel | null) => Promise<Int32Array>;

/** @param alone  learn from labeled pictures alone, not from the rest of the pool beside them */
async function labelsUntilGood(
  { all, rows, tests, goal }: Pool,
  take: Take,
  multiplier: Multiplier,
  { alone = false } = {},
): Promise<number> {
  let labeled = rows.slice(0, 1);
  for (;;) {
    const seen = known(pick(all, labeled));
    const isLabeled = new Set(labeled);
    const open = rows.filter((row) => !isLabeled.has(row));
    let head: HeadModel | null = null;
    if (seen.categoryIds.length > 1) {
      const undecided = alone ? undefined : await openUndecided(seen, pick(all, open).features, multiplier);
      head = await fitHead(seen, { multiLabel: false, multiplier, undecided });
    }
    if (head && (await accuracyOf(head, tests, multiplier)) >= goal) return labeled.length;
    if (open.length === 0) return labeled.length;
    const next = await take(all, labeled, open, head);
    labeled = Int32Array.from([...labeled, ...next.subarray(0, labelStep)]);
  }
}

/** Rows of the pool are in random order. */
const takeNext: Take = (_all, _labeled, open) => Promise.resolve(open);

const takeDiverse =
  (multiplier: Multiplier): Take =>
  async (all, labeled, open, head) => {
    const { features } = all;
    let uncertainty = new Float32Array(open.length).fill(1);
    if (head) uncertainty = doubts(scoresOf(await logitsOf(pick(all, open).features, head, multiplier), head));
    const decided = pick(all, labeled).features;
    return diverseOrder({ features, rows: open, uncertainty, decided, limit: labelStep }, multiplier);
  };

/** As the app has it: 1 for two categories that score alike. */
function doubts({ values, rows, width }: Matrix): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: rows }, (_, row) => {
    const [first, second] = values
      .slice(row * width, (row + 1) * width)
      .sort()
      .reverse();
    return 1 - (first! - second!);
  });
}

/** With only those categories that have examples. */
function known(examples: Examples): Examples {
  const seen = [...new Set(examples.labels.map((own) => own[0]!))].sort((a, b) => a - b);
  return {
    ...examples,
    labels: examples.labels.map((own) => [seen.indexOf(own[0]!)]),
    categoryIds: seen.map((category) => examples.categoryIds[category]!),
  };
}

async function accuracyOf(head: HeadModel, tests: Examples, multiplier: Multiplier): Promise<number> {
  const logits = await logitsOf(tests.features, head, multiplier);
  let right = 0;
  tests.labels.forEach(([own], row) => {
    if (head.categoryIds[predicted(logits, row, null)[0]!] === tests.categoryIds[own!]) right++;
  });
  return right / tests.labels.length;
}

/** Share of decisions made wrong on purpose that are in the beginning of the queue of probable slips. */
async function slipsFound(all: Examples, seed: number, multiplier: Multiplier): Promise<number> {
  const random = randomNumbers(seed + 2000);
  const rows = shuffle(
    all.imageIds.map((_, row) => row),
    random,
  );
  const flipped = new Set(rows.subarray(0, Math.max(1, Math.round(rows.length * slipShare))));
  const count = all.categoryIds.length;
  const labels = all.labels.map(([own], row) =>
    flipped.has(row) ? [(own! + 1 + Math.floor(random() * (count - 1))) % count] : [own!],
  );
  const folds = stratifiedFolds(labels, count, foldCount, seed);
  const rounds = Array.from({ length: foldCount }, (_, fold) => fold);
  const held = await crossValidate({ ...all, labels }, folds, rounds, { multiLabel: false, multiplier });
  const { order } = suspects(
    scoresOf(held.logits, { temperature: 1, multiLabel: false }),
    held.labels.map((own) => own[0]!),
  );
  const first = order.subarray(0, Math.ceil(order.length * lookedAtShare));
  return first.filter((at) => flipped.has(held.rows[at]!)).length / flipped.size;
}
