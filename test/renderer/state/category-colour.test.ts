import { expect, test } from 'vitest';
import type { Category } from '#core/category.ts';
import { colourOf } from '../../../renderer/state/category-colour.ts';

const rest = { supercategory: '', parentId: null, grouping: false, wordnetId: null, hotkey: null, threshold: null };
const category = (id: number, name: string, colour: string | null): Category => ({
  ...rest,
  id,
  name,
  colour,
  imageCount: 0,
  decidedCount: 0,
});

test('a label has the colour of its category, and none where nobody chose one', () => {
  const categories = [category(1, 'moth', '#d06020'), category(2, 'bee', null)];

  expect(['moth', 'bee', 'wasp', null].map((label) => colourOf(categories, label))).toEqual([
    '#d06020',
    null,
    null,
    null,
  ]);
});

test('another colour shows with the next list of categories', () => {
  expect(colourOf([category(1, 'moth', '#d06020')], 'moth')).toBe('#d06020');
  expect(colourOf([category(1, 'moth', '#2060d0')], 'moth')).toBe('#2060d0');
});
