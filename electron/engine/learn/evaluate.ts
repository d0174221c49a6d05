/** @file How well heads learn pictures whose categories are known: by examples per category, again and again. */
import { wilson } from '#core/interval.ts';
import type { LearnEvaluation } from '#core/learn-evaluation.ts';
import { centroidHead } from './centroids.ts';
import { pick } from './cross-validation.ts';
import { fitHead } from './fit-head.ts';
import type { Examples, HeadModel, Multiplier } from './head-model.ts';
import { logitsOf } from './logistic.ts';
import { randomNumbers, shuffle } from './random.ts';
import { openUndecided } from './undecided.ts';

/**
 * Pictures of each category that are learned from at most, as examples or, beyond those, as undecided ones; the rest is
 * what heads are tested on, and no head sees it before.
 */
const exampleCounts = [1, 2, 5, 10, 20];
/** Of each category, so many are for tests at least. */
const fewestTests = 5;

interface Split {
  learn: Int32Array[];
  test: Int32Array;
}

/**
 * @param all    one category a picture; features as `project` gives them
 * @param seeds  how often, each with other examples
 */
export async function evaluateLearning(
  all: Examples,
  seeds: number,
  multiplier: Multiplier,
): Promise<Omit<LearnEvaluation, 'modelId' | 'width' | 'queues'>> {
  const byCategory = all.categoryIds.map((_, category) =>
    Int32Array.from(all.labels.flatMap((own, row) => (own[0] === category ? [row] : []))),
  );
  const smallest = Math.min(...byCategory.map(({ length }) => length));
  const counts = exampleCounts.filter((count) => count + fewestTests <= smallest);
  const most = counts.at(-1) ?? 0;
  const steps = counts.map((exampleCount) => ({
    exampleCount,
    head: newTally(),
    alone: newTally(),
    centroid: newTally(),
  }));
  for (let seed = 0; seed < seeds; seed++) {
    const { learn, test } = splitAt(byCategory, most, seed);
    const tests = pick(all, test);
    for (const { exampleCount, head, alone, centroid } of steps) {
      const examples = pick(all, Int32Array.from(learn.flatMap((rows) => [...rows.subarray(0, exampleCount)])));
      const rest = pick(all, Int32Array.from(learn.flatMap((rows) => [...rows.subarray(exampleCount)])));
      const undecided = await openUndecided(examples, rest.features, multiplier);
      await count(head, await fitHead(examples, { multiLabel: false, multiplier, undecided }), tests, multiplier);
      await count(alone, await fitHead(examples, { multiLabel: false, multiplier }), tests, multiplier);
      await count(centroid, centroidHead(examples), tests, multiplier);
    }
  }
  return {
    imageCount: all.labels.length,
    categoryCount: all.categoryIds.length,
    seeds,
    steps: steps.map(({ exampleCount, head, alone, centroid }) => ({
      exampleCount,
      head: accuracyOf(head),
      alone: accuracyOf(alone),
      centroid: accuracyOf(centroid),
    })),
  };
}

function splitAt(byCategory: readonly Int32Array[], most: number, seed: number): Split {
  const random = randomNumbers(seed);
  const shuffled = byCategory.map((rows) => shuffle(rows.slice(), random));
  return {
    learn: shuffled.map((rows) => rows.subarray(0, most)),
    test: Int32Array.from(shuffled.flatMap((rows) => [...rows.subarray(most)])),
  };
}

/** Accuracies of each seed. */
interface Tally {
  shares: number[];
  tests: number;
}

const newTally = (): Tally => ({ shares: [], tests: 0 });

async function count(tally: Tally, head: HeadModel, tests: Examples, multiplier: Multiplier): Promise<void> {
  const { values, width } = await logitsOf(tests.features, head, multiplier);
  let correct = 0;
  tests.labels.forEach(([right], row) => {
    const from = row * width;
    let best = 0;
    for (let category = 1; category < width; category++) {
      if (values[from + category]! > values[from + best]!) best = category;
    }
    if (best === right) correct++;
  });
  tally.shares.push(correct / tests.labels.length);
  tally.tests = tests.labels.length;
}

/**
 * The mean over seeds, with the wider of two intervals: of the pictures of one test (the seeds share them), and of the
 * seeds (1.96 standard errors).
 */
function accuracyOf({ shares, tests }: Tally) {
  const mean = shares.reduce((sum, share) => sum + share, 0) / Math.max(1, shares.length);
  const { low, high } = wilson(mean * tests, tests);
  const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / Math.max(1, shares.length - 1);
  const half = 1.96 * Math.sqrt(variance / Math.max(1, shares.length));
  return { value: mean, low: Math.max(0, Math.min(low, mean - half)), high: Math.min(1, Math.max(high, mean + half)) };
}
