import { expect, test } from 'vitest';
import { PageCache } from '../../../renderer/state/page-cache.ts';

test('rows are found by their place in the whole list', () => {
  const cache = new PageCache<string>(3);
  cache.put(1, ['d', 'e', 'f']);

  expect([2, 3, 5, 6].map((index) => cache.row(index))).toEqual([undefined, 'd', 'f', undefined]);
});

test('a stretch of rows names the pages it touches', () => {
  const cache = new PageCache(200);

  expect(cache.pagesOf(199, 401)).toEqual([0, 1, 2]);
  expect(cache.pagesOf(200, 400)).toEqual([1]);
  expect(cache.pagesOf(5, 5)).toEqual([]);
});

test('the page used longest ago goes first', () => {
  const cache = new PageCache<number>(1, 2);
  cache.put(0, [0]);
  cache.put(1, [1]);
  cache.touch(0);
  cache.put(2, [2]);

  expect([0, 1, 2].map((page) => cache.has(page))).toEqual([true, false, true]);
});

test('an expired page is shown on and fetched again', () => {
  const cache = new PageCache<string>(2);
  cache.put(0, ['a', 'b']);
  cache.expire();

  expect(cache.row(1)).toBe('b');
  expect(cache.needs(0)).toBe(true);
  cache.put(0, ['a', 'c']);
  expect(cache.needs(0)).toBe(false);
});

test('a change reaches every cached row with its place', () => {
  const cache = new PageCache<string>(2);
  cache.put(0, ['a', 'b']);
  cache.put(3, ['g', 'h']);
  cache.update((row, index) => (index === 7 ? row.toUpperCase() : row));

  expect([0, 1, 6, 7].map((index) => cache.row(index))).toEqual(['a', 'b', 'g', 'H']);
});
