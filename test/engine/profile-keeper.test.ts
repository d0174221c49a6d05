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

test('what could not be written says why, and is tried again after the next change', async () => {
  let full = true;
  const { save, open, datasetId, written, told, profiles } = keeping(() =>
    full ? Promise.reject(new AppError('disk.full', 'No space left to write /labels.csv')) : Promise.resolve(),
  );
  const id = save('labels', '/labels.csv');
  const keeper = open();
  await vi.advanceTimersByTimeAsync(5000);
  expect(profiles.get(id)!.problem).toBe('No space left to write /labels.csv');
  expect(told).toEqual([datasetId]);
  full = false;
  keeper.changed(datasetId);
  await vi.advanceTimersByTimeAsync(5000);
  expect(profiles.get(id)!.problem).toBeNull();
  expect(written).toEqual(['labels']);
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
