import { expect, test } from 'vitest';
import { summarise } from '../../../electron/engine/models/compare.ts';
import type { ComparedPair } from '../../../electron/engine/store/comparisons.ts';

function pair(first: string, second: string, imageCount: number, changes: Partial<ComparedPair> = {}): ComparedPair {
  const scores = { firstScore: imageCount * 0.75, secondScore: imageCount * 0.5 };
  return { first, second, imageCount, ...scores, decidedCount: 0, firstCorrect: 0, secondCorrect: 0, ...changes };
}

const cats = [
  pair('lynx', 'lynx', 5, { decidedCount: 2, firstCorrect: 2, secondCorrect: 2 }),
  pair('lynx', 'tabby', 3, { decidedCount: 1, secondCorrect: 1 }),
  pair('tiger', 'tabby', 2),
];

test('two models are compared by agreement, scores, decisions, confusion and counts', () => {
  expect(summarise(cats)).toEqual({
    imageCount: 10,
    agreedCount: 5,
    meanScores: [0.75, 0.5],
    decided: { imageCount: 3, correct: [2, 3] },
    confusion: [
      { categories: ['lynx', 'tabby'], imageCount: 3 },
      { categories: ['tiger', 'tabby'], imageCount: 2 },
    ],
    categories: [
      { name: 'tabby', counts: [0, 5] },
      { name: 'lynx', counts: [8, 5] },
      { name: 'tiger', counts: [2, 0] },
    ],
  });
});

test('without decisions nobody is right or wrong', () => {
  expect(summarise([pair('lynx', 'tabby', 1)]).decided).toBeNull();
});

test('models without a picture in common compare to nothing', () => {
  expect(summarise([])).toMatchObject({
    imageCount: 0,
    agreedCount: 0,
    meanScores: [0, 0],
    confusion: [],
    categories: [],
  });
});

test('a category may have any name', () => {
  const odd = [pair('__proto__', 'constructor', 2)];

  expect(summarise(odd).categories).toEqual([
    { name: '__proto__', counts: [2, 0] },
    { name: 'constructor', counts: [0, 2] },
  ]);
});
