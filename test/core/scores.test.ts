import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { margin, softmax, sureParent, temper, topK } from '../../electron/core/scores.ts';

const logits = fc
  .array(fc.float({ min: -1000, max: 1000, noNaN: true }), { minLength: 1, maxLength: 200 })
  .map((values) => Float32Array.from(values));
const temperature = fc.double({ min: 0.05, max: 20, noNaN: true });

describe('softmax', () => {
  test('sums to one and stays in [0, 1] for any logits and temperature', () => {
    fc.assert(
      fc.property(logits, temperature, (row, t) => {
        const scores = softmax(row, t);
        expect(scores.reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 4);
        expect(scores.every((score) => score >= 0 && score <= 1)).toBe(true);
      }),
    );
  });

  test('matches values worked out by hand', () => {
    const [a, b, c] = softmax(Float32Array.of(0, Math.log(2), Math.log(5)));

    expect([a, b, c].map((score) => Number(score!.toFixed(5)))).toEqual([0.125, 0.25, 0.625]);
  });

  test('does not overflow on huge logits', () => {
    expect([...softmax(Float32Array.of(1e30, 0))]).toEqual([1, 0]);
  });

  test('a temperature above one makes the best score smaller and keeps the order', () => {
    const sharp = softmax(Float32Array.of(1, 3, 2));
    const soft = softmax(Float32Array.of(1, 3, 2), 2);

    expect(soft[1]!).toBeLessThan(sharp[1]!);
    expect(topK(soft, 3).map(({ index }) => index)).toEqual([1, 2, 0]);
  });
});

test('tempering scores equals softmax of the logits at that temperature', () => {
  const row = Float32Array.of(0.3, -1.2, 2.5, 0);
  const tempered = temper(softmax(row), 1.7);

  softmax(row, 1.7).forEach((score, index) => expect(tempered[index]).toBeCloseTo(score, 5));
});

describe('top-k', () => {
  test('is sorted, without repeats, and no longer than asked', () => {
    fc.assert(
      fc.property(logits, fc.integer({ min: 0, max: 300 }), (row, k) => {
        const best = topK(row, k);
        expect(best).toHaveLength(Math.min(k, row.length));
        expect(new Set(best.map(({ index }) => index)).size).toBe(best.length);
        for (let at = 1; at < best.length; at++) expect(best[at - 1]!.score).toBeGreaterThanOrEqual(best[at]!.score);
      }),
    );
  });

  test('picks what sorting everything would', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 50 }),
        fc.integer({ min: 0, max: 8 }),
        (row, k) => {
          const sorted = row
            .map((score, index) => ({ index, score }))
            .sort((a, b) => b.score - a.score || a.index - b.index);
          expect(topK(Float32Array.from(row), k)).toEqual(sorted.slice(0, k));
        },
      ),
    );
  });

  test('ties keep category order', () => {
    expect(topK(Float32Array.of(0.2, 0.4, 0.4), 3).map(({ index }) => index)).toEqual([1, 2, 0]);
  });
});

test('the margin of a single category is its score', () => {
  expect(margin([{ index: 0, score: 1 }])).toBe(1);
  expect(
    margin([
      { index: 0, score: 0.75 },
      { index: 1, score: 0.25 },
    ]),
  ).toBe(0.5);
});

describe('the parent', () => {
  const paths = [['animal', 'mammal'], ['animal', 'mammal'], ['animal', 'bird'], ['vehicle'], []];

  test('of an unsure label is the deepest sure one', () => {
    const parent = sureParent(Float32Array.of(0.4, 0.3, 0.2, 0.1, 0), paths, 0.5);

    expect(parent?.name).toBe('animal/mammal');
    expect(parent?.score).toBeCloseTo(0.7, 5);
  });

  test('is left out when the label itself is sure', () => {
    expect(sureParent(Float32Array.of(0.6, 0.2, 0.1, 0.1, 0), paths, 0.5)).toBeUndefined();
  });

  test('is left out when no parent is sure', () => {
    expect(sureParent(Float32Array.of(0.2, 0.1, 0.1, 0.3, 0.3), paths, 0.5)).toBeUndefined();
  });
});
