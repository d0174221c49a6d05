import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { restoreWindowState, saveWindowState } from '../../electron/main/window-state.ts';

const newPath = () => join(mkdtempSync(join(tmpdir(), 'window-')), 'window.json');
const display = { x: 0, y: 0, width: 1920, height: 1080 };

test('the first window is in the middle', () => {
  expect(restoreWindowState(newPath(), [display])).toEqual({ width: 1280, height: 800, maximized: false });
});

test('the window comes back where it was', () => {
  const path = newPath();
  saveWindowState(path, { x: 100, y: 50, width: 1400, height: 900 }, true);

  const expected = { position: { x: 100, y: 50 }, width: 1400, height: 900, maximized: true };
  expect(restoreWindowState(path, [display])).toEqual(expected);
});

test('a window on a display that is gone comes back to the middle, in its size', () => {
  const path = newPath();
  saveWindowState(path, { x: 2500, y: 50, width: 1400, height: 900 }, false);

  expect(restoreWindowState(path, [display])).toEqual({ width: 1400, height: 900, maximized: false });
});

test('a window smaller than allowed grows to the smallest size', () => {
  const path = newPath();
  saveWindowState(path, { x: 0, y: 0, width: 10, height: 10 }, false);

  expect(restoreWindowState(path, [display])).toMatchObject({ width: 960, height: 600 });
});

test.each(['null', '[]', '{"x":"1","y":{},"width":1e99,"height":null}', '{'])('%s is no reason to fail', (text) => {
  const path = newPath();
  writeFileSync(path, text);

  expect(restoreWindowState(path, [display])).toEqual({ width: 1280, height: 800, maximized: false });
});
