import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { expect, onTestFinished, test } from 'vitest';
import { defaultImportOptions } from '#core/label-import.ts';
import { openImportThread, type ImportThread } from '../../../electron/engine/import/import-thread.ts';
import { openLabelImports } from '../../../electron/engine/label-handlers.ts';
import { seededLibrary, temporaryFolder } from '../../support/library.ts';

/**
 * A Parquet file that keeps its reader busy for ever: the blocks of one page, packed as differences, are said to have -2
 * values, so that each ends where it began.
 */
function endlessParquet(): Buffer {
  const data = Array.from({ length: 200 }, (_, place) => (place * 7919) % 1000);
  const bytes = Buffer.from(
    parquetWriteBuffer({
      codec: 'UNCOMPRESSED',
      columnData: [
        { name: 'file_name', data: data.map((_, place) => `a/${String(place).padStart(3, '0')}.jpg`) },
        { name: 'label', data, type: 'INT32', encoding: 'DELTA_BINARY_PACKED', nullable: false },
      ],
    }),
  );
  // 128 values in 4 parts, 200 in all; then -2 in 1 part, 1 in all, which begin with 0, a difference of 0 and 8 bits each.
  const header = Buffer.from([0x80, 0x01, 0x04, 0xc8, 0x01]);
  const at = bytes.indexOf(header);
  expect(at).toBeGreaterThan(0);
  bytes.set([0xfe, 0xff, 0xff, 0xff, 0x0f, 0x01, 0x01, 0x00, 0x00, 0x08], at);
  return bytes;
}

function endlessImport() {
  const folder = temporaryFolder();
  const library = seededLibrary(3, join(folder, 'library.sqlite'));
  const path = join(folder, 'labels.parquet');
  writeFileSync(path, endlessParquet());
  return { ...library, libraryPath: join(folder, 'library.sqlite'), path };
}

/** Until the thread has been computing for a while. */
async function busy(plan: Promise<unknown>): Promise<void> {
  const waited = Symbol('waited');
  expect(await Promise.race([plan.catch((thrown: unknown) => thrown), delay(1500, waited)])).toBe(waited);
}

test('a thread that is put away while it computes ends at once, and whoever asked is told', async () => {
  const { libraryPath, datasetId, path } = endlessImport();
  const thread: ImportThread = openImportThread({ libraryPath, datasetId, path }, () => {});
  const plan = thread.plan(defaultImportOptions);
  await busy(plan);
  await thread[Symbol.asyncDispose]();
  await expect(plan).rejects.toMatchObject({ code: 'aborted' });
  await expect(thread.plan(defaultImportOptions)).rejects.toMatchObject({ code: 'aborted' });
});

test('a file that makes its reader work without end is refused after some processor time', async () => {
  const { libraryPath, datasetId, path } = endlessImport();
  await using thread = openImportThread({ libraryPath, datasetId, path }, () => {}, 0.5);
  await expect(thread.plan(defaultImportOptions)).rejects.toMatchObject({
    code: 'input.invalid',
    message: expect.stringContaining('leads to nothing') as string,
  });
});

test('another import, and the end of the engine, put one away that computes', async () => {
  const { store, libraryPath, datasetId, path } = endlessImport();
  const imports = openLabelImports({ store, libraryPath, emit: () => {}, decided: () => {} });
  onTestFinished(() => imports[Symbol.asyncDispose]());
  const open = imports.handlers['labels.open'];
  const table = join(dirname(path), 'labels.csv');
  writeFileSync(table, 'file_name,label\na/000.jpg,tiger\n');

  const first = Promise.resolve(open({ datasetId, path, options: defaultImportOptions }));
  await busy(first);
  expect(await open({ datasetId, path: table, options: defaultImportOptions })).toMatchObject({ entryCount: 1 });
  await expect(first).rejects.toMatchObject({ code: 'aborted' });

  const second = Promise.resolve(open({ datasetId, path, options: defaultImportOptions }));
  await busy(second);
  await imports[Symbol.asyncDispose]();
  await expect(second).rejects.toMatchObject({ code: 'aborted' });
});
