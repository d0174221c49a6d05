import { expect, test, vi } from 'vitest';
import { defaultExportOptions } from '#core/export-options.ts';
import type { ExportProfile } from '#core/export-profile.ts';
import { freeName, Profiles } from '../../../renderer/state/profiles.svelte.ts';
import { fakeBridge } from '../support/bridge.ts';

const profile = (patch: Partial<ExportProfile>): ExportProfile => ({
  id: 1,
  datasetId: 3,
  name: 'CSV',
  format: 'csv',
  options: defaultExportOptions,
  fileName: null,
  kept: false,
  writtenMs: null,
  problem: null,
  ...patch,
});
const chosen = { format: 'csv', options: defaultExportOptions };

async function followed(all: ExportProfile[]) {
  const bridge = fakeBridge({
    'profiles.list': () => all,
    'profiles.save': () => ({ profileId: 9 }),
    'profiles.choose-file': () => ({ profileId: 9, fileName: 'x.csv' }),
  });
  const errors: unknown[] = [];
  const profiles = new Profiles((thrown) => errors.push(thrown));
  const stop = profiles.follow(3);
  await vi.waitFor(() => expect(profiles.presets.length + profiles.files.length).toBe(all.length));
  return { bridge, profiles, errors, stop };
}

test('presets and kept files are told apart, and follow what is told of this dataset', async () => {
  const all = [profile({}), profile({ id: 2, name: 'Far', fileName: 'far.csv', kept: true })];
  const { bridge, profiles, stop } = await followed(all);
  expect([profiles.presets.map(({ id }) => id), profiles.files.map(({ id }) => id)]).toEqual([[1], [2]]);

  bridge.answers['profiles.list'] = () => [all[1]!];
  bridge.emit('profiles.changed', { datasetId: 8 });
  bridge.emit('profiles.changed', { datasetId: 3 });
  await vi.waitFor(() => expect(profiles.presets).toEqual([]));
  expect(bridge.called('profiles.list')).toHaveLength(2);
  stop();
  bridge.emit('profiles.changed', { datasetId: null });
  expect(bridge.called('profiles.list')).toHaveLength(2);
});

test('a file to keep never replaces a profile of the same name, a preset only another preset', async () => {
  const { bridge, profiles } = await followed([
    profile({}),
    profile({ id: 2, name: 'Mine', fileName: 'mine.csv', kept: true }),
  ]);
  await profiles.keepFile('CSV', chosen);
  await profiles.save(' CSV ', false, chosen);
  await profiles.save('Mine', false, chosen);
  await profiles.save('Mine', true, chosen);
  expect(bridge.called('profiles.choose-file')).toMatchObject([{ datasetId: 3, name: 'CSV 2' }]);
  expect(bridge.called('profiles.save')).toMatchObject([
    { datasetId: 3, name: 'CSV' },
    { datasetId: 3, name: 'Mine 2' },
    { datasetId: null, name: 'Mine' },
  ]);
});

test('what cannot be done is reported', async () => {
  const { profiles, errors } = await followed([profile({})]);
  expect(await profiles.remove(1)).toBe(false);
  expect(errors).toHaveLength(1);
  expect(freeName('a', ['a', 'a 2'])).toBe('a 3');
});
