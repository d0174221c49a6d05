import { expect, test } from 'vitest';
import bundled from '../../../models/resnext26-tags/labels.json' with { type: 'json' };
import { categoryWords } from '../../../electron/engine/taxonomy/category-words.ts';

test('every label of the bundled model has a Chinese name', () => {
  const without = bundled.labels.filter(
    ({ name, wordnetId }) =>
      !categoryWords({ name, label: name, wordnetId }).some((word) => /\p{Script=Han}/u.test(word)),
  );

  expect(without).toEqual([]);
});

test('every parent of the bundled model has a Chinese name', () => {
  const parents = [...new Set(bundled.labels.flatMap(({ path }) => path))];

  expect(parents.filter((name) => categoryWords({ name, label: null, wordnetId: null }).length === 0)).toEqual([]);
});

test('a renamed category is found by what the model calls it and by the words of that', () => {
  expect(categoryWords({ name: 'Rex', label: 'dog', wordnetId: null })).toEqual(['dog', 'puppy', 'hound', '狗', '犬']);
});

test('a class of ImageNet has the synonyms of WordNet', () => {
  expect(categoryWords({ name: 'tench', label: 'tench', wordnetId: 'n01440764' })).toEqual(['Tinca tinca']);
});
