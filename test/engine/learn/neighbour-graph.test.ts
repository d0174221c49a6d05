/** @file Ties between pictures that are alike, and what is told along them. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Matrix, Multiplier } from '../../../electron/engine/learn/head-model.ts';
import { openMultiplier } from '../../../electron/engine/learn/multiplier.ts';
import { neighbourGraph, spreadLabels } from '../../../electron/engine/learn/neighbour-graph.ts';
import { randomNumbers } from '../../../electron/engine/learn/random.ts';

let multiplier: Multiplier;
beforeAll(async () => void (multiplier = await openMultiplier()));
afterAll(() => multiplier[Symbol.asyncDispose]());

/** Pictures along an arc of so many degrees each, one after another. */
const arc = (...angles: number[]): Matrix => ({
  values: Float32Array.from(angles.flatMap((angle) => [Math.cos(angle), Math.sin(angle)])),
  rows: angles.length,
  width: 2,
});
const steps = (from: number, to: number, count: number) =>
  Array.from({ length: count }, (_, at) => from + ((to - from) * at) / (count - 1));

test('what one picture is known to be reaches those at the far end of a chain of pictures alike', async () => {
  // Two arcs with a gap between; the last of the first is as far from its known one as from that of the second arc.
  const features = arc(...steps(0, 1.2, 40), ...steps(1.9, 3.1, 40));
  const known = new Int32Array(80).fill(-1);
  known[0] = 0;
  known[60] = 1;
  const { values, rows, width } = spreadLabels(await neighbourGraph(features, multiplier), known, 2);
  expect([rows, width]).toEqual([80, 2]);
  for (let row = 0; row < 20; row++) expect(values[2 * row]!).toBeGreaterThan(values[2 * row + 1]!);
  for (let row = 40; row < 80; row++) expect(values[2 * row + 1]!).toBeGreaterThan(values[2 * row]!);
});

test('nothing arrives where nothing is tied to what is known', async () => {
  const features = arc(0, 0.01, 0.02, Math.PI, Math.PI + 0.01, Math.PI + 0.02);
  const { values } = spreadLabels(await neighbourGraph(features, multiplier), Int32Array.of(0, -1, -1, -1, -1, -1), 1);
  expect([...values]).toEqual([1, 1, 1, 0, 0, 0]);
});

test('ties go both ways and are as strong in each; what is heard of a picture sums to one, or to nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 60 }), fc.integer(), async (rows, seed) => {
      const random = randomNumbers(seed);
      const features = { values: Float32Array.from({ length: rows * 5 }, () => random() - 0.5), rows, width: 5 };
      const graph = await neighbourGraph(features, multiplier);
      const tie = new Map<string, number>();
      for (let row = 0; row < rows; row++) {
        for (let at = graph.starts[row]!; at < graph.starts[row + 1]!; at++) {
          expect(graph.others[at]).not.toBe(row);
          tie.set(`${row} ${graph.others[at]}`, graph.ties[at]!);
        }
      }
      for (const [ends, strength] of tie) expect(tie.get(ends.split(' ').reverse().join(' '))).toBe(strength);

      const known = Int32Array.from({ length: rows }, () => Math.floor(random() * 4) - 1);
      const { values } = spreadLabels(graph, known, 3);
      for (let row = 0; row < rows; row++) {
        const sum = values.subarray(3 * row, 3 * row + 3).reduce((total, value) => total + value, 0);
        if (known[row]! >= 0 || sum > 0) expect(sum).toBeCloseTo(1, 5);
        else expect(sum).toBe(0);
      }
    }),
    { numRuns: 40 },
  );
});
