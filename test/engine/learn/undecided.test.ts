/** @file Heads that learn from pictures nobody decided, too. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fitWeights } from '../../../electron/engine/learn/fit-weights.ts';
import type { Examples, Matrix, Multiplier } from '../../../electron/engine/learn/head-model.ts';
import { logitsOf } from '../../../electron/engine/learn/logistic.ts';
import { openMultiplier } from '../../../electron/engine/learn/multiplier.ts';
import { randomNumbers } from '../../../electron/engine/learn/random.ts';
import { openUndecided } from '../../../electron/engine/learn/undecided.ts';

let multiplier: Multiplier;
beforeAll(async () => void (multiplier = await openMultiplier()));
afterAll(() => multiplier[Symbol.asyncDispose]());

const width = 16;
const random = randomNumbers(3);
const gauss = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const centres = Array.from({ length: 4 }, () => Array.from({ length: width }, gauss));

/** Pictures around the centre of each category, long in one direction that says nothing. */
function pictures(perCategory: number, spread = 0.9): { features: Matrix; categories: number[] } {
  const categories = centres.flatMap((_, category) => new Array<number>(perCategory).fill(category));
  const values = categories.flatMap((category) => centres[category]!.map((value) => value + spread * gauss()));
  return { features: { values: Float32Array.from(values), rows: categories.length, width }, categories };
}

function examples({ features, categories }: { features: Matrix; categories: number[] }): Examples {
  return {
    imageIds: Int32Array.from(categories, (_, row) => 100 + row),
    features,
    labels: categories.map((category) => [category]),
    categoryIds: centres.map((_, category) => category + 1),
  };
}

async function accuracy(head: { weights: Float32Array; biases: Float32Array }): Promise<number> {
  const { values } = await logitsOf(tests.features, head, multiplier);
  let right = 0;
  tests.categories.forEach((category, row) => {
    const own = [...values.subarray(row * centres.length, (row + 1) * centres.length)];
    if (own.indexOf(Math.max(...own)) === category) right++;
  });
  return right / tests.categories.length;
}

const tests = pictures(100);

test('with one example of each category the undecided pictures teach what the categories have in common', async () => {
  let [alone, together] = [0, 0];
  const rounds = 10;
  for (let round = 0; round < rounds; round++) {
    const known = examples(pictures(1));
    const undecided = await openUndecided(known, pictures(60).features, multiplier);
    alone += (await accuracy(await fitWeights(known, { multiLabel: false, multiplier }))) / rounds;
    together += (await accuracy(await fitWeights(known, { multiLabel: false, multiplier, undecided }))) / rounds;
  }
  expect(alone).toBeLessThan(0.9);
  expect(together).toBeGreaterThan(alone + 0.05);
});

test('undecided pictures count as four examples of a category at most, surer ones more', async () => {
  const known = examples(pictures(3));
  const others = pictures(200);
  const undecided = (await openUndecided(known, others.features, multiplier))!;
  const head = await fitWeights(known, { multiLabel: false, multiplier });
  const { labels, weights } = await undecided.guess(known, head);
  const sums = centres.map(() => 0);
  labels.forEach((category, row) => (sums[category]! += weights[row]!));
  for (const sum of sums) {
    expect(sum).toBeGreaterThan(3);
    expect(sum).toBeLessThanOrEqual(4.001);
  }
  const [right, wrong] = [[] as number[], [] as number[]];
  labels.forEach((category, row) => (category === others.categories[row] ? right : wrong).push(weights[row]!));
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  expect(right.length).toBeGreaterThan(3 * wrong.length);
  expect(mean(right)).toBeGreaterThan(mean(wrong));
});

test('a head of many examples hardly minds them', async () => {
  const known = examples(pictures(80));
  const undecided = await openUndecided(known, pictures(60).features, multiplier);
  const alone = await accuracy(await fitWeights(known, { multiLabel: false, multiplier }));
  const together = await accuracy(await fitWeights(known, { multiLabel: false, multiplier, undecided }));
  expect(Math.abs(together - alone)).toBeLessThan(0.03);
});

test('where it would take too long, or there is nothing, there are none', async () => {
  const known = examples(pictures(2));
  expect(await openUndecided(known, { values: new Float32Array(), rows: 0, width }, multiplier)).toBeUndefined();
  const many = { ...known, categoryIds: Array.from({ length: 70_000 }, (_, at) => at) };
  expect(await openUndecided(many, pictures(1).features, multiplier)).toBeUndefined();
});
