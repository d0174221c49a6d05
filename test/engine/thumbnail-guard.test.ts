import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openThumbnailGuard } from '../../electron/engine/thumbnail-guard.ts';
import { photosFolder } from '../support/engine.ts';
import { temporaryFolder } from '../support/library.ts';

const photo = join(photosFolder, 'cat-chelsea.jpg');

/** A cache in which these pictures were under way when the engine ended, each with its crashes before that. */
function cacheWith(markers: Record<number, number>): { cache: string; active: () => string[] } {
  const cache = temporaryFolder();
  const folder = join(cache, 'under-way');
  mkdirSync(folder);
  for (const [id, crashes] of Object.entries(markers)) writeFileSync(join(folder, id), String(crashes));
  const isActive = (name: string) => /^\d+$/.test(readFileSync(join(folder, name), 'utf8'));
  return { cache, active: () => readdirSync(folder).filter(isActive) };
}

test('a picture under way in two crashes is put aside, another one is not', async () => {
  const { cache } = cacheWith({ 7: 1, 8: 0 });
  const guard = openThumbnailGuard(cache, true);

  await expect(guard.get(7, photo, 's', null)).rejects.toMatchObject({ code: 'image.crashed' });
  expect(existsSync((await guard.get(8, photo, 's', null)).path)).toBe(true);
});

test('an end that was no crash blames nobody', async () => {
  const { cache, active } = cacheWith({ 7: 0 });
  const guard = openThumbnailGuard(cache, false);

  expect(active()).toEqual([]);
  expect((await guard.get(7, photo, 's', null)).type).toMatch(/^image\//);
});

test('a suspect is made alone: nobody else is under way beside it', async () => {
  const { cache, active } = cacheWith({ 7: 0 });
  const guard = openThumbnailGuard(cache, true);
  expect(active()).toEqual([]);
  const seen: string[][] = [];
  const watch = setInterval(() => seen.push(active()), 1);
  await Promise.all([
    guard.get(1, photo, 's', null),
    guard.get(7, join(photosFolder, 'temple-china.jpg'), 'l', null),
    guard.get(2, join(photosFolder, 'deep-field.jpg'), 's', null),
  ]).finally(() => clearInterval(watch));

  const withSuspect = seen.filter((markers) => markers.includes('7'));
  expect(withSuspect.length).toBeGreaterThan(0);
  for (const markers of withSuspect) expect(markers).toEqual(['7']);
  expect(active()).toEqual([]);
});

test('a suspect that waits is not blamed for the crash of another picture', async () => {
  const { cache } = cacheWith({ 7: 0 });
  openThumbnailGuard(cache, true);
  const guard = openThumbnailGuard(cache, true);

  expect(existsSync((await guard.get(7, photo, 's', null)).path)).toBe(true);
});

test('a failure leaves no suspicion behind', async () => {
  const { cache, active } = cacheWith({ 7: 0 });
  const guard = openThumbnailGuard(cache, true);
  await expect(guard.get(7, '/nowhere.jpg', 's', null)).rejects.toMatchObject({ code: 'file.missing' });

  expect(active()).toEqual([]);
  expect((await guard.get(7, photo, 's', null)).contentHash).toHaveLength(32);
});
