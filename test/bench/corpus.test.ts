import { mkdtempSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeCorpus, repeated } from './corpus.ts';

let home: string;
let paths: string[];

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'bench-corpus-'));
  paths = await makeCorpus(join(home, 'a'), 'vga', 15);
});

afterAll(() => rmSync(home, { recursive: true }));

test('the same photos are made each time, however many', async () => {
  const again = await makeCorpus(join(home, 'b'), 'vga', 3);
  expect(again.map((path) => readFileSync(path))).toEqual(paths.slice(0, 3).map((path) => readFileSync(path)));
});

test('no two photos are alike, and their files are as large as a camera makes them', () => {
  const files = paths.map((path) => readFileSync(path));
  expect(new Set(files.map((bytes) => bytes.toString('base64'))).size).toBe(15);
  const mean = files.reduce((sum, { length }) => sum + length, 0) / files.length;
  expect(mean).toBeGreaterThan(55_000);
  expect(mean).toBeLessThan(90_000);
});

test('one in five is stored turned, each in another way', async () => {
  const all = await Promise.all(paths.map((path) => sharp(readFileSync(path)).metadata()));
  expect(all.map(({ orientation = 1 }) => orientation).filter((orientation) => orientation !== 1)).toEqual([3, 6, 8]);
  expect(all.every(({ width, height }) => width === 640 && height === 480)).toBe(true);
});

test('photos that are there already are taken as they are', async () => {
  utimesSync(paths[0]!, 1, 1);
  await makeCorpus(join(home, 'a'), 'vga', 15);
  expect(statSync(paths[0]!).mtimeMs).toBe(1000);
});

test('where more photos are asked for than there are, they begin again', () => {
  expect(repeated(['a', 'b'], 5)).toEqual(['a', 'b', 'a', 'b', 'a']);
});
