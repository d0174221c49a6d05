/** @file Screens for the tests. */
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startXvfb } from '../../build/xvfb.mjs';

test('two screens at once get numbers of their own, and are gone when stopped', async () => {
  const [first, second] = await Promise.all([startXvfb(), startXvfb()]);
  const socket = (display: string) => `/tmp/.X11-unix/X${display.slice(1)}`;

  expect(first.display).toMatch(/^:\d+$/);
  expect(second.display).not.toBe(first.display);
  expect(existsSync(socket(first.display))).toBe(true);

  await Promise.all([first.stop(), second.stop()]);
  expect(existsSync(socket(first.display))).toBe(false);
});
