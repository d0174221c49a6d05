import { expect, test } from 'vitest';
import { duration, timeLeft, workThrough } from './progress.ts';

test('what is left takes longer when what was done did', () => {
  expect(timeLeft(0, 0, 100)).toBe(100);
  expect(timeLeft(60, 60, 100)).toBe(100);
  expect(timeLeft(180, 60, 100)).toBe(200);
});

test('durations are minutes and seconds', () => {
  expect(duration(65)).toBe('1:05');
  expect(duration(3.4)).toBe('0:03');
  expect(duration(59.6)).toBe('1:00');
});

test('every step is told of before it is done, with the time that is left', async () => {
  const told: string[] = [];
  const work = (title: string, seconds: number) => ({ title, seconds, run: async () => void told.push(`(${title})`) });
  await workThrough([work('one', 60), work('two', 30)], (line) => told.push(line));
  expect(told.slice(0, 2)).toEqual(['[1/2] one … 1:30 left', '(one)']);
  expect(told[2]).toMatch(/^\[2\/2\] two … 0:\d\d left$/);
  expect(told.at(-1)).toMatch(/^Done after 0:0/);
});
