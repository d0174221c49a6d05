import { expect, test } from 'vitest';
import bundled from '../../../models/resnext26-tags/labels.json' with { type: 'json' };
import imagenetZhCn from '../../../electron/engine/taxonomy/imagenet-zh-cn.json' with { type: 'json' };
import { imagenetLabels } from '../../../electron/engine/models/import/imagenet.ts';
import { friendlyParents } from '../../../electron/engine/taxonomy/friendly-parents.ts';
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
  expect(categoryWords({ name: 'tench', label: 'tench', wordnetId: 'n01440764' })).toEqual(['Tinca tinca', '丁鱥']);
});

test('every class of ImageNet has a Chinese name, the first one its alone', () => {
  const labels = imagenetLabels();
  expect(imagenetZhCn.map(({ wordnetId, name }) => [wordnetId, name])).toEqual(
    labels.map(({ wordnetId, name }) => [wordnetId, name]),
  );
  const names = imagenetZhCn.flatMap(({ chinese }) => chinese);
  expect(names.filter((name) => !/^[\p{Script=Han}A-Za-z]*\p{Script=Han}[\p{Script=Han}A-Za-z]*$/u.test(name))).toEqual(
    [],
  );

  const firstNames = imagenetZhCn.map(({ chinese }) => chinese[0]!);
  expect(firstNames.filter((name, place) => firstNames.indexOf(name) !== place)).toEqual([]);
  expect(imagenetZhCn.filter(({ chinese }) => new Set(chinese).size !== chinese.length)).toEqual([]);
});

test('every everyday parent has a Chinese name, no two the same first one', () => {
  const parents = [...new Set(imagenetLabels().flatMap(({ wordnetId }) => friendlyParents(wordnetId!)!))];
  const firstNames = parents.map((name) =>
    categoryWords({ name, label: name, wordnetId: null }).find((word) => /\p{Script=Han}/u.test(word)),
  );

  expect(parents.filter((_, place) => firstNames[place] === undefined)).toEqual([]);
  expect(firstNames.filter((name, place) => firstNames.indexOf(name) !== place)).toEqual([]);
});

test('of one name with two meanings each has its own Chinese words', () => {
  const chinese = (wordnetId: string | null, name: string) =>
    categoryWords({ name, label: name, wordnetId }).filter((word) => /\p{Script=Han}/u.test(word));

  expect(chinese('n02704792', 'amphibian')).toEqual(['水陆两用车']);
  expect(chinese(null, 'amphibian')).toEqual(['两栖动物']);
});

test("a person's own category of a known name is found in Chinese too", () => {
  expect(categoryWords({ name: 'Accordion', label: null, wordnetId: null })).toContain('手风琴');
});
