import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { centroidHead } from '../../../electron/engine/learn/centroids.ts';
import { fitHead, fitMeasured } from '../../../electron/engine/learn/fit-head.ts';
import { fitWeights } from '../../../electron/engine/learn/fit-weights.ts';
import type { Examples, HeadModel, Multiplier } from '../../../electron/engine/learn/head-model.ts';
import { reportOn } from '../../../electron/engine/learn/head-report.ts';
import { balanced, evaluate, logitsOf } from '../../../electron/engine/learn/logistic.ts';
import { openMultiplier } from '../../../electron/engine/learn/multiplier.ts';
import { randomNumbers } from '../../../electron/engine/learn/random.ts';
import { stratifiedFolds } from '../../../electron/engine/learn/cross-validation.ts';
import { calibrate } from '../../../electron/engine/learn/temperature.ts';
import { largestDifference, uniformFloats } from '../../support/onnx-run.ts';

let multiplier: Multiplier;
beforeAll(async () => {
  multiplier = await openMultiplier();
});
afterAll(() => multiplier[Symbol.asyncDispose]());

const width = 6;

/** Categories around points of their own; with `noise` beyond 1 they overlap. */
function blobs(counts: readonly number[], noise: number, seed = 1): Examples {
  const centres = uniformFloats(counts.length * width, seed + 100);
  const labels = counts.flatMap((count, category) => Array.from({ length: count }, () => [category]));
  const offsets = uniformFloats(labels.length * width, seed, noise);
  const values = offsets.map(
    (value, at) => value + centres[labels[Math.floor(at / width)]![0]! * width + (at % width)]!,
  );
  return {
    imageIds: Int32Array.from(labels, (_, at) => at + 1),
    features: { values, rows: labels.length, width },
    labels,
    categoryIds: counts.map((_, category) => 10 + category),
  };
}

async function best(head: HeadModel, { features }: Examples): Promise<number[]> {
  const { values, width: count } = await logitsOf(features, head, multiplier);
  return Array.from({ length: features.rows }, (_, row) => {
    const own = values.subarray(row * count, (row + 1) * count);
    return own.indexOf(Math.max(...own));
  });
}

test('the slope is that of the objective, with one category a picture or several', () =>
  fc.assert(
    fc.asyncProperty(fc.boolean(), fc.integer({ min: 0, max: 1e6 }), async (multiLabel, seed) => {
      const { features, labels } = blobs([3, 5, 4], 1, seed);
      const importance = balanced(labels, 3, multiLabel);
      const problem = { features, labels, categoryCount: 3, multiLabel, importance, penalty: 0.1 };
      const weights = uniformFloats(3 * width, seed + 7);
      const biases = uniformFloats(3, seed + 8);
      const valueWith = async (at: number, move: number) =>
        (
          await evaluate(
            problem,
            { weights: weights.map((w, index) => (index === at ? w + move : w)), biases },
            multiplier,
          )
        ).value;

      const { gradient } = await evaluate(problem, { weights, biases }, multiplier);

      for (const at of [0, 7, 17]) {
        const slope = ((await valueWith(at, 0.01)) - (await valueWith(at, -0.01))) / 0.02;
        expect(gradient.weights[at]).toBeCloseTo(slope, 3);
      }
    }),
    { numRuns: 20 },
  ));

// By scikit-learn 1.6.1: LogisticRegression(C=100, tol=1e-8, class_weight='balanced') on the same seven pictures.
test('weights are those of scikit-learn', async () => {
  const values = Float32Array.of(0, 0, 1, 0, 0, 1, 1, 1, 2, 1, 2, 2, 0.5, 0.5);
  const labels = [[0], [0], [1], [1], [2], [2], [0]];
  const examples = {
    imageIds: new Int32Array(7),
    features: { values, rows: 7, width: 2 },
    labels,
    categoryIds: [1, 2, 3],
  };

  const { weights, biases } = await fitWeights(examples, { multiLabel: false, multiplier });

  // Biases may all be moved alike.
  const scores = (x: number, y: number) => {
    const logits = [0, 1, 2].map((c) => Math.exp(weights[2 * c]! * x + weights[2 * c + 1]! * y + biases[c]!));
    return logits.map((value) => value / logits.reduce((sum, other) => sum + other));
  };
  expect(scores(0.6, 0.4)).toEqual([expect.closeTo(0.939, 1), expect.closeTo(0.061, 1), expect.closeTo(0.0, 1)]);
  expect(scores(1.2, 1.1)).toEqual([expect.closeTo(0.026, 1), expect.closeTo(0.823, 1), expect.closeTo(0.151, 1)]);
});

test('the same head comes out from nothing and from an earlier one, with categories that came and went', async () => {
  const examples = blobs([12, 9, 15, 7], 1.5);
  const options = { multiLabel: false, multiplier };
  const earlier = await fitWeights(blobs([5, 5, 5], 2, 9), options);
  const start = { ...earlier, categoryIds: [12, 99, 10] };

  const fromNothing = await fitWeights(examples, options);
  const warm = await fitWeights(examples, { ...options, start });

  const [a, b] = [
    await logitsOf(examples.features, fromNothing, multiplier),
    await logitsOf(examples.features, warm, multiplier),
  ];
  const differences = a.values.map(
    (value, at) => value - a.values[at - (at % 4)]! - (b.values[at]! - b.values[at - (at % 4)]!),
  );
  const size = Math.max(...a.values.map(Math.abs));
  expect(largestDifference(differences, new Float32Array(differences.length)) / size).toBeLessThan(0.1);
  expect(await best(warm, examples)).toEqual(await best(fromNothing, examples));
});

test('rare categories are not drowned by frequent ones', async () => {
  const examples = blobs([200, 4], 1.2, 5);

  const said = await best(await fitHead(examples, { multiLabel: false, multiplier }), examples);

  expect(said.slice(200).filter((category) => category === 1).length).toBeGreaterThanOrEqual(3);
});

test('several categories a picture: each is told by itself', async () => {
  const { features, imageIds } = blobs([60], 1);
  const labels = Array.from({ length: 60 }, (_, row) =>
    [0, 1].filter((category) => features.values[row * width + category]! > features.values[category]!),
  );
  const examples = { features, imageIds, labels, categoryIds: [1, 2] };

  const { head, accuracy } = await fitMeasured(examples, { multiLabel: true, multiplier });

  const { values } = await logitsOf(features, head, multiplier);
  const said = labels.map((_, row) => [0, 1].filter((category) => values[row * 2 + category]! > 0));
  expect(said.filter((own, row) => own.join() === labels[row]!.join()).length).toBeGreaterThan(54);
  expect(accuracy!.value).toBeGreaterThan(0.7);
});

test('one example, one category: a head without an accuracy', async () => {
  const { head, accuracy } = await fitMeasured(blobs([1], 1), { multiLabel: false, multiplier });

  expect(accuracy).toBeNull();
  expect(head).toMatchObject({ categoryIds: [10], temperature: 1 });
});

test('without examples there is nothing to learn from', async () => {
  await expect(fitHead(blobs([], 1), { multiLabel: false, multiplier })).rejects.toMatchObject({
    code: 'input.invalid',
  });
});

test('a fit ends when it is told to', async () => {
  const options = { multiLabel: false, multiplier, signal: AbortSignal.abort() };

  await expect(fitHead(blobs([5, 5], 1), options)).rejects.toMatchObject({ code: 'aborted' });
});

test('folds share out every category, and leave the only example of one to be learned from', () => {
  const labels = [...Array<number[]>(10).fill([0]), ...Array<number[]>(5).fill([1]), [2]];

  const folds = stratifiedFolds(labels, 3, 5);

  expect(folds[15]).toBe(-1);
  for (const fold of [0, 1, 2, 3, 4]) {
    expect(folds.slice(0, 10).filter((own) => own === fold)).toHaveLength(2);
    expect(folds.slice(10, 15).filter((own) => own === fold)).toHaveLength(1);
  }
});

test('the temperature that scores were made with is found again', () => {
  const random = randomNumbers(3);
  const values = uniformFloats(3000 * 3, 4, 6);
  const labels = Array.from({ length: 3000 }, (_, row) => {
    const odds = [0, 1, 2].map((category) => Math.exp(values[row * 3 + category]! / 2));
    let rest = random() * odds.reduce((sum, value) => sum + value);
    return [odds.findIndex((value) => (rest -= value) < 0)];
  });

  const { temperature } = calibrate({ values, rows: 3000, width: 3 }, labels, null);

  expect(temperature).toBeGreaterThan(1.8);
  expect(temperature).toBeLessThan(2.2);
});

test('a handful of examples that are all right does not make a head certain', () => {
  const values = Float32Array.of(3, 0, 0, 0, 3, 0, 0, 0, 3, 3, 0, 0, 0, 3, 0);

  const { temperature } = calibrate({ values, rows: 5, width: 3 }, [[0], [1], [2], [0], [1]], null);

  expect(1 / (1 + 2 * Math.exp(-3 / temperature))).toBeLessThan(0.98);
});

test('the nearest mean is the best logit of the centroid head', async () => {
  const examples = blobs([4, 8, 6], 2);
  const { weights } = centroidHead(examples);

  const said = await best(centroidHead(examples), examples);

  said.forEach((category, row) => {
    const distances = [0, 1, 2].map((other) => {
      let sum = 0;
      for (let k = 0; k < width; k++) {
        sum += (examples.features.values[row * width + k]! - weights[other * width + k]!) ** 2;
      }
      return sum;
    });
    expect(distances[category]).toBeCloseTo(Math.min(...distances), 5);
  });
});

test('a report counts every held-out example once, and its curve rises to the accuracy', async () => {
  const examples = blobs([40, 60, 50], 1.6);

  const report = await reportOn(examples, { multiLabel: false, multiplier, nameOf: (id) => `category ${id}` });

  expect(report.confusion.flat().reduce((sum, count) => sum + count)).toBe(150);
  expect(report.categories.map(({ name, exampleCount }) => [name, exampleCount])).toEqual([
    ['category 10', 40],
    ['category 11', 60],
    ['category 12', 50],
  ]);
  const correct = report.confusion.reduce((sum, row, place) => sum + row[place]!, 0);
  expect(report.accuracy.value).toBeCloseTo(correct / 150, 10);
  expect(report.learningCurve.at(-1)).toEqual({ exampleCount: 120, accuracy: report.accuracy });
  expect(report.learningCurve[0]!.accuracy.value).toBeLessThanOrEqual(report.accuracy.value + 0.05);
  expect(report.calibrationError.after).toBeLessThan(0.15);
});
