import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Category } from '../../../electron/core/category.ts';
import { categoryTree, filterOf, isShown, openRows, type CategoryNode } from '../../../renderer/state/category-tree.ts';

function category(id: number, parentId: number | null, imageCount: number): Category {
  const own = { supercategory: '', grouping: false, wordnetId: null, colour: null, hotkey: null, threshold: null };
  return { id, name: `kind ${id}`, parentId, imageCount, decidedCount: 0, ...own };
}

test('counts are summed at each level, most first, and what has no pictures is left out', () => {
  const tree = categoryTree([
    category(1, null, 0),
    category(2, 1, 3),
    category(3, 1, 4),
    category(4, null, 5),
    category(5, null, 0),
    category(6, 5, 0),
  ]);
  const shape = (nodes: CategoryNode[]): unknown =>
    nodes.map((node) => [node.category.id, node.imageCount, shape(node.children)]);

  expect(shape(tree)).toEqual([
    [
      1,
      7,
      [
        [3, 4, []],
        [2, 3, []],
      ],
    ],
    [4, 5, []],
  ]);
  expect(openRows(tree, () => false).map(({ category: { id }, level }) => [id, level])).toEqual([
    [1, 1],
    [4, 1],
  ]);
  expect(openRows(tree, () => true).map(({ category: { id }, level, parentId }) => [id, level, parentId])).toEqual([
    [1, 1, null],
    [3, 2, 1],
    [2, 2, 1],
    [4, 1, null],
  ]);
});

test('whatever the parents, in circles too, each category with pictures has one row and no picture is lost', () => {
  const parents = fc.array(fc.tuple(fc.option(fc.nat(9)), fc.nat(3)), { maxLength: 10 });
  fc.assert(
    fc.property(parents, (list) => {
      const categories = list.map(([parentId, imageCount], id) => category(id, parentId, imageCount));
      const tree = categoryTree(categories);
      const ids = openRows(tree, () => true).map((row) => row.category.id);
      const used = categories.filter(({ imageCount }) => imageCount > 0);

      expect(new Set(ids).size).toBe(ids.length);
      for (const { id } of used) expect(ids).toContain(id);
      expect(tree.reduce((sum, node) => sum + node.imageCount, 0)).toBe(
        used.reduce((sum, { imageCount }) => sum + imageCount, 0),
      );
    }),
  );
});

test('one with others below it shows those too, one without shows its own', () => {
  const [pets] = categoryTree([category(1, null, 1), category(2, 1, 3)]);
  const [dog] = pets!.children;

  expect(filterOf(pets!)).toEqual({ underCategoryId: 1 });
  expect(filterOf(dog!)).toEqual({ categoryId: 2 });
  expect(isShown(pets!, filterOf(pets!))).toBe(true);
  expect(isShown(pets!, filterOf(dog!))).toBe(false);
});
