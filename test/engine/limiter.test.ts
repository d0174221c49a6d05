import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { limiter } from '../../electron/engine/limiter.ts';

test('no more than allowed run at once, and all of them run, in order', async () => {
  const limit = limiter(2);
  const started: number[] = [];
  let running = 0;
  let most = 0;
  const answers = await Promise.all(
    [0, 1, 2, 3, 4, 5].map((number) =>
      limit(async () => {
        started.push(number);
        most = Math.max(most, ++running);
        await delay(5);
        running--;
        return number * 10;
      }),
    ),
  );

  expect(most).toBe(2);
  expect(started).toEqual([0, 1, 2, 3, 4, 5]);
  expect(answers).toEqual([0, 10, 20, 30, 40, 50]);
});

test('a failure frees its place', async () => {
  const limit = limiter(1);
  const failing = limit(() => Promise.reject(new Error('no')));

  await expect(failing).rejects.toThrow('no');
  expect(await limit(() => Promise.resolve('yes'))).toBe('yes');
});
