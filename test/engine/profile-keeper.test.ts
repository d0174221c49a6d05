import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { defaultExportOptions } from '../../electron/core/export-options.ts';
import { AppError } from '../../electron/core/errors.ts';
import { openProfileKeeper } from '../../electron/engine/profile-keeper.ts';
import type { StoredProfile } from '../../electron/engine/store/export-profiles.ts';
import { openTestStore } from '../support/library.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function keeping(write: (profile: StoredProfile) => Promise<void> = () => Promise.resolve()) {
  const { profiles, datasets } = openTestStore();
  const { datasetId } = datasets.open(['/photos'], 'Photos');
  const written: string[] = [];
  const told: (number | null)[] = [];
  const save = (name: string, path: string | null) =>
    profiles.save({ datasetId, name, format: 'csv', options: defaultExportOptions, path, kept: path !== null });
  const open = () =>
    openProfileKeeper({
      profiles,
      write: async (profile) => {
        await write(profile);
        written.push(profile.name);
      },
      told: (id) => told.push(id),
    });
  return { profiles, datasetId, written, told, save, open };
}

test('a file is written once it was quiet for five seconds', async () => {
  const { save, open, datasetId, written, profiles } = keeping();
  save('preset', null);
  const id = save('labels', '/labels.csv');
  const keeper = open();
  await vi.advanceTimersByTimeAsync(4999);
  keeper.changed(datasetId);
  await vi.advanceTimersByTimeAsync(4999);
  expect(written).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(written).toEqual(['labels']);
  expect(profiles.get(id)).toMatchObject({ writtenMs: Date.now(), problem: null });
  await vi.advanceTimersByTimeAsync(600_000);
  expect(written).toHaveLength(1);
});

test('in a long run it is written every minute', async () => {
  const { save, open, datasetId, written } = keeping();
  save('labels', '/labels.csv');
  const keeper = open();
  for (let second = 0; second < 180; second++) {
    keeper.changed(datasetId);
    await vi.advanceTimersByTimeAsync(1000);
  }
  expect(written).toHaveLength(3);
});

test('what could not be written says why once, is tried again every minute and after the next change', async () => {
  let full = true;
  let tries = 0;
  const { save, open, datasetId, written, told, profiles } = keeping(() => {
    tries++;
    if (!full) return Promise.resolve();
    const details = { errno: 'ENOSPC' };
    return Promise.reject(new AppError('disk.full', 'No space left to write /labels.csv', { details }));
  });
  const id = save('labels', '/labels.csv');
  const keeper = open();
  await vi.advanceTimersByTimeAsync(5000);
  const problem = { code: 'disk.full', errno: 'ENOSPC', message: 'No space left to write /labels.csv' };
  expect(profiles.get(id)).toMatchObject({ problem, writtenMs: null });
  await vi.advanceTimersByTimeAsync(120_000);
  expect([tries, told]).toEqual([3, [datasetId]]);
  full = false;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(profiles.get(id)).toMatchObject({ problem: null, writtenMs: Date.now() });
  expect([written, told]).toEqual([['labels'], [datasetId, datasetId]]);

  const writtenMs = Date.now();
  full = true;
  keeper.changed(datasetId);
  await vi.advanceTimersByTimeAsync(5000);
  expect(profiles.get(id)).toMatchObject({ problem, writtenMs });
  full = false;
  keeper.changed(datasetId);
  await vi.advanceTimersByTimeAsync(5000);
  expect(written).toEqual(['labels', 'labels']);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(written).toHaveLength(2);
});

test('a problem noted by an older version is read as its sentence', () => {
  const { db, profiles, datasets } = openTestStore();
  const { datasetId } = datasets.open(['/photos'], 'Photos');
  const options = defaultExportOptions;
  const id = profiles.save({ datasetId, name: 'a', format: 'csv', options, path: '/a.csv', kept: true });
  db.prepare(`UPDATE export_profiles SET problem = 'No space left' WHERE id = ?`).run(id);
  expect(profiles.get(id)!.problem).toEqual({ code: 'export.failed', errno: null, message: 'No space left' });
});

test('a profile that is stopped or removed is written no more; one that is new is written soon', async () => {
  const { save, open, datasetId, written, profiles } = keeping();
  const id = save('labels', '/labels.csv');
  const keeper = open();
  profiles.setKept(id, false);
  keeper.profilesChanged(datasetId);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(written).toEqual([]);
  save('others', '/others.csv');
  keeper.profilesChanged(datasetId);
  await vi.advanceTimersByTimeAsync(5000);
  expect(written).toEqual(['others']);
});

test('closing writes what waits, and waits only so long', async () => {
  const { save, open, written } = keeping();
  save('labels', '/labels.csv');
  const keeper = open();
  await keeper[Symbol.asyncDispose]();
  expect(written).toEqual(['labels']);

  const stuck = keeping(() => new Promise(() => {}));
  stuck.save('labels', '/labels.csv');
  vi.useRealTimers();
  const startedMs = performance.now();
  await stuck.open()[Symbol.asyncDispose]();
  expect(performance.now() - startedMs).toBeGreaterThan(2900);
});
