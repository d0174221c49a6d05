import { expect, test } from 'vitest';
import type { CatalogueEntry } from '#core/catalogue.ts';
import { AppError } from '#core/errors.ts';
import { CatalogueState, isDownloading } from '../../../renderer/state/catalogue.svelte.ts';
import { fakeBridge } from '../support/bridge.ts';
import { entry, progress } from '../support/models.ts';

async function opened(entries: CatalogueEntry[], downloads = [] as ReturnType<typeof progress>[]) {
  const finished: string[] = [];
  const bridge = fakeBridge({
    'catalogue.list': () => entries,
    'downloads.list': () => downloads,
    'downloads.start': () => undefined,
    'downloads.cancel': () => undefined,
  });
  const catalogue = new CatalogueState(({ id }) => finished.push(id));
  const stop = catalogue.follow();
  await catalogue.load();
  return { catalogue, bridge, finished, stop };
}

test('what lies half fetched from an earlier time is shown', async () => {
  const { catalogue } = await opened([entry('a')], [progress('a', { state: 'cancelled', doneBytes: 60 })]);

  expect(catalogue.downloadOf('a')).toMatchObject({ state: 'cancelled', doneBytes: 60 });
  expect(catalogue.activeCount).toBe(0);
});

test('a download waits from the click on, and goes on from the bytes that are there', async () => {
  const { catalogue, bridge } = await opened([entry('a')], [progress('a', { state: 'cancelled', doneBytes: 60 })]);
  const started = catalogue.start('a', false);

  expect(catalogue.downloadOf('a')).toMatchObject({ state: 'waiting', doneBytes: 60 });
  await started;
  expect(bridge.called('downloads.start')).toEqual([{ entryId: 'a', licenceAccepted: false }]);
});

test('clicking twice starts once', async () => {
  const { catalogue, bridge } = await opened([entry('a')]);
  await Promise.all([catalogue.start('a', true), catalogue.start('a', true)]);

  expect(bridge.called('downloads.start')).toHaveLength(1);
});

test('progress is followed to the end, which is told once and marks the entry installed', async () => {
  const { catalogue, bridge, finished } = await opened([entry('a')]);
  bridge.emit('download.progress', progress('a', { doneBytes: 40, totalBytes: 100 }));
  expect(catalogue.activeCount).toBe(1);
  expect(isDownloading(catalogue.downloadOf('a'))).toBe(true);

  bridge.emit('download.progress', progress('a', { state: 'finished', sha256: 'f'.repeat(64) }));
  bridge.emit('download.progress', progress('a', { state: 'finished', sha256: 'f'.repeat(64) }));
  expect(finished).toEqual(['a']);
  expect(catalogue.entries[0]?.installed).toBe(true);
  expect(catalogue.downloadOf('a')?.sha256).toBe('f'.repeat(64));
});

test('what prevents a download from beginning is shown at its entry', async () => {
  const { catalogue, bridge } = await opened([entry('a')]);
  bridge.answers['downloads.start'] = () => {
    throw new AppError('disk.full', 'There is room for 5 MB');
  };
  await catalogue.start('a', false);

  expect(catalogue.downloadOf('a')).toMatchObject({
    state: 'failed',
    error: { code: 'disk.full', message: 'There is room for 5 MB' },
  });
  await catalogue.reload();
  expect(catalogue.downloadOf('a')?.state).toBe('failed');
});

test('what went on in a former life of the engine does not seem to go on', async () => {
  const { catalogue, bridge } = await opened([entry('a')]);
  bridge.emit('download.progress', progress('a', { doneBytes: 40 }));
  await catalogue.reload();

  expect(catalogue.downloadOf('a')).toBeNull();
});
