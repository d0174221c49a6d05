import { expect, test } from 'vitest';
import { errorCodes } from '#core/errors.ts';
import { en } from '../../../renderer/messages/en.ts';
import { formatFor, shortPath } from '../../../renderer/messages/format.ts';
import { zhCn } from '../../../renderer/messages/zh-cn.ts';

/** Every message with its path; functions are called with plain arguments. */
function sentences(node: unknown, path = ''): Map<string, string> {
  if (typeof node === 'string') return new Map([[path, node]]);
  if (typeof node === 'function') {
    const argument = /title|name|text|file|folder|category/i.test(path) ? 'x' : 2;
    return new Map([[path, String((node as (...values: unknown[]) => unknown)(argument, 2, 2))]]);
  }
  return new Map(Object.entries(node as object).flatMap(([key, value]) => [...sentences(value, `${path}.${key}`)]));
}

test('every error code has a sentence in both languages', () => {
  for (const messages of [en, zhCn]) {
    expect(Object.keys(messages.error).sort()).toEqual([...errorCodes].sort());
    for (const code of errorCodes) expect(messages.error[code], code).toMatch(/[.。]$/);
  }
});

test('both languages say the same things, and none of them nothing', () => {
  expect([...sentences(zhCn).keys()]).toEqual([...sentences(en).keys()]);
  for (const messages of [en, zhCn]) {
    for (const [path, sentence] of sentences(messages)) expect(sentence.trim(), path).not.toBe('');
  }
});

test('nothing but names and signs is left in English in the Chinese texts', () => {
  const sameByNature = /^\.(app|key|settings\.languageOption|review\.textChip)|\.(input)$/;
  const english = sentences(en);
  const left = [...sentences(zhCn)].filter(
    ([path, sentence]) => /[a-z]{3}/i.test(sentence) && sentence === english.get(path) && !sameByNature.test(path),
  );

  expect(left).toEqual([]);
});

test('one and many differ in English', () => {
  expect(en.library.pictures(1)).toBe('1 picture');
  expect(en.library.pictures(10_312)).toBe('10,312 pictures');
});

test('sizes, shares and times are written as the language does', () => {
  const format = formatFor('en');

  expect([format.size(999), format.size(2_411_000), format.percent(0.716)]).toEqual(['999 B', '2.4 MB', '72%']);
  expect([format.duration(0.2), format.duration(59), format.duration(312), format.duration(7200)]).toEqual([
    '1 sec',
    '59 sec',
    '5 min',
    '2 hr',
  ]);
  expect(formatFor('zh-CN').duration(312)).toBe('5分钟');
});

test('long paths are shortened in the middle and keep root and last folder', () => {
  expect(shortPath('/home/anna/Pictures/2026/Holiday photos', 30)).toBe('/home/…/Holiday photos');
  expect(shortPath('/short/path', 30)).toBe('/short/path');
  expect(shortPath(`/x/${'y'.repeat(60)}`, 20).length).toBeLessThanOrEqual(20);
});

test('figures of models have four digits and a letter, columns of them the same decimals', () => {
  const format = formatFor('en');

  expect([25_028_904, 4_230_479_872, 829_260_000, 3120, 105].map((value) => format.scaled(value))).toEqual([
    '25.03 M',
    '4.23 G',
    '829.3 M',
    '3.12 k',
    '105',
  ]);
  expect([17.24, 2, 5119.4].map(format.figure)).toEqual(['17.2', '2.0', '5,119']);
  expect([79.564, 4.5].map(format.hundredths)).toEqual(['79.56', '4.50']);
});

test('a largest difference is never said to be smaller than it is', () => {
  const format = formatFor('en');

  expect([0, 1e-9, 0.00031, 0.02].map(format.difference)).toEqual(['0.001%', '0.001%', '0.04%', '2%']);
});

test('a share that misses a bound never looks as if it reached it', () => {
  const format = formatFor('en');

  expect([0.97, 388 / 400, 0.96999, 0.98256, 1].map(format.shareBelow)).toEqual([
    '97.0%',
    '97.0%',
    '96.9%',
    '98.2%',
    '100.0%',
  ]);
});
