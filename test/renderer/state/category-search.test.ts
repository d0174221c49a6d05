import { expect, test } from 'vitest';
import type { Category } from '#core/category.ts';
import { imagenetLabels } from '../../../electron/engine/models/import/imagenet.ts';
import { categoryWords } from '../../../electron/engine/taxonomy/category-words.ts';
import { findCategories, isWithin } from '../../../renderer/state/category-search.ts';

function category(id: number, name: string, imageCount = 0, parentId: number | null = null): Category {
  const none = { wordnetId: null, colour: null, hotkey: null, threshold: null };
  return { id, name, supercategory: '', parentId, grouping: false, ...none, imageCount, decidedCount: 0 };
}

const all = [category(1, 'dog', 5), category(2, 'hot dog', 9), category(3, 'cat', 7), category(4, 'dogsled', 1)];
const words = new Map([
  [1, ['hound', '狗']],
  [3, ['kitty', '猫']],
]);
const found = (typed: string, most = 8) =>
  findCategories(all, words, typed, most).map(({ category: { name }, word }) => (word ? `${name} · ${word}` : name));

test('with nothing typed those come first that most pictures count as', () => {
  expect(found('', 2)).toEqual(['hot dog', 'cat']);
});

test('the same name goes before beginnings, and beginnings before words inside', () => {
  expect(found('DOG')).toEqual(['dog', 'dogsled', 'hot dog']);
});

test('other words find a category, in any language, and are told', () => {
  expect(found('狗')).toEqual(['dog · 狗']);
  expect(found('kit')).toEqual(['cat · kitty']);
  expect(found('nothing')).toEqual([]);
});

test('a category is within itself and what it is below, also when parents go round', () => {
  const tree = [category(1, 'a', 0, 2), category(2, 'b', 0, 3), category(3, 'c'), category(4, 'd', 0, 5)];
  const circle = [...tree, category(5, 'e', 0, 4)];

  expect([isWithin(circle, 1, 1), isWithin(circle, 1, 3), isWithin(circle, 3, 1)]).toEqual([true, true, false]);
  expect(isWithin(circle, 4, 1)).toBe(false);
});

test('each class of ImageNet is the first one found by its Chinese name', () => {
  const labels = imagenetLabels();
  const all = labels.map(({ name, wordnetId }, id) => ({ ...category(id, name), wordnetId }));
  const words = new Map(all.map(({ id, name, wordnetId }) => [id, categoryWords({ name, label: name, wordnetId })]));

  for (const { id, name } of all) {
    const chinese = words.get(id)!.find((word) => /\p{Script=Han}/u.test(word))!;
    expect(findCategories(all, words, chinese, 1)[0]).toMatchObject({ category: { name }, word: chinese });
  }
});
