import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkLibrary } from '../../../electron/engine/store/check.ts';
import { seededLibrary, temporaryFolder } from '../../support/library.ts';

test('a whole library has no problems, while it is open and written to', async () => {
  const path = join(temporaryFolder(), 'a.labelwright');
  const { store, datasetId, imageIds } = seededLibrary(200, path);
  const checked = checkLibrary(path);
  await store.decisions.decide(datasetId, imageIds, { kind: 'skip' });

  expect(await checked).toEqual([]);
});

test('a damaged library has problems, also when the damage ends the search for them', async () => {
  const path = join(temporaryFolder(), 'a.labelwright');
  const { store } = seededLibrary(5000, path);
  const { rootpage } = store.db.prepare(`SELECT rootpage FROM sqlite_schema WHERE name = 'images_by_date'`).get() as {
    rootpage: number;
  };
  const pageBytes = store.db.pragma('page_size', { simple: true }) as number;
  store[Symbol.dispose]();
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(pageBytes), 0, pageBytes, (rootpage - 1) * pageBytes);
  closeSync(file);

  expect(await checkLibrary(path)).toEqual(['database disk image is malformed']);
});

test('a file that is no library fails the check', async () => {
  await expect(checkLibrary(join(temporaryFolder(), 'nowhere'))).rejects.toMatchObject({ code: 'SQLITE_CANTOPEN' });
});
