import fc from 'fast-check';
import { Compression, readParquet, writeParquet, WriterPropertiesBuilder } from 'parquet-wasm/node';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, test } from 'vitest';
import type { ExportRow } from '#core/export-options.ts';
import { parquet } from '../../../electron/engine/import/parquet.ts';
import { anyRows, carried } from '../export/any-rows.ts';
import { dataOptions, exportSource, fileExporter, mixedRows } from '../export/source.ts';
import { inShort, labelsOf, readAll } from './entries.ts';

const exported = (rows: ExportRow[]) =>
  Buffer.concat([...fileExporter('parquet').write(exportSource(rows), dataOptions)].map((piece) => Buffer.from(piece)));
const read = (bytes: Uint8Array) => readAll(parquet, 'labels.parquet', bytes);
const table = (columns: Record<string, unknown[]>) =>
  Buffer.from(
    parquetWriteBuffer({
      columnData: Object.entries(columns).map(([name, data]) => ({ name, data: data as string[] })),
    }),
  );

describe('our own export', () => {
  test('comes back with decisions, predictions, reviews and folders', async () => {
    const entries = await read(exported(mixedRows));
    expect(inShort(entries)).toEqual([
      'walk/dog, wet.jpg: dog (predicted 0.812346, unreviewed)',
      'walk/dog, wet.jpg: =sum, "the" cat (predicted 0.1, unreviewed)',
      '-1.png: =sum, "the" cat (corrected)',
      'broken "one".jpg:  (unreviewed)',
      'by-hand.heic: dog (accepted)',
      'émile\n🌷.jpg:  (unreviewed)',
    ]);
    expect(labelsOf(entries)[0]!.folder).toBe('/photos/spring');
  });

  test('comes back whatever pictures and labels are called', async () => {
    await fc.assert(
      fc.asyncProperty(anyRows, async (rows) => {
        const entries = await read(exported(rows));
        const told = rows.filter(({ fileName }) => fileName.trim() !== '' && !fileName.includes('\0'));
        expect(labelsOf(entries).map(({ file, categories }) => [file, categories])).toEqual(
          told.map(({ fileName, categoryId, label }) => [carried(fileName), categoryId === null ? [] : [label]]),
        );
        expect(entries).toHaveLength(rows.length);
      }),
      { numRuns: 30 },
    );
  });
});

describe('tables of others', () => {
  test('columns are found by what they are called', async () => {
    const bytes = table({ class: ['dog', 'cat'], path: ['a/1.jpg', 'a/2.jpg'], confidence: [0.5, 0.25] });
    expect(inShort(await read(bytes))).toEqual(['a/1.jpg: dog (predicted 0.5)', 'a/2.jpg: cat (predicted 0.25)']);
  });

  test.each(['SNAPPY', 'GZIP', 'BROTLI', 'ZSTD', 'UNCOMPRESSED'] as const)('packed by Rust with %s', async (codec) => {
    const properties = new WriterPropertiesBuilder().setCompression(Compression[codec]).setMaxRowGroupSize(2).build();
    const bytes = writeParquet(readParquet(exported(mixedRows)), properties);
    expect(inShort(await read(bytes))).toEqual(inShort(await read(exported(mixedRows))));
  });
});

describe('what is no such table', () => {
  test('is refused in one sentence', async () => {
    const whole = exported(mixedRows);
    for (const bytes of [
      whole.subarray(0, 6),
      whole.subarray(0, whole.length - 9),
      Buffer.from('PAR1 and then text'),
    ]) {
      await expect(read(bytes)).rejects.toMatchObject({
        code: 'input.invalid',
        message: expect.stringMatching(/^labels\.parquet cannot be read: /) as string,
      });
    }
    await expect(read(table({ a: [1, 2] }))).rejects.toMatchObject({ code: 'input.invalid' });
  });

  test('names the packing that is not read', async () => {
    const properties = new WriterPropertiesBuilder().setCompression(Compression.LZ4_RAW).build();
    const bytes = writeParquet(readParquet(exported(mixedRows)), properties);
    await expect(read(bytes)).rejects.toMatchObject({
      code: 'input.invalid',
      message: expect.stringContaining('packed with LZ4_RAW; save it with Snappy') as string,
    });
  });

  test('is refused before any work where a few bytes claim to be millions of rows', async () => {
    const rows = 100_000;
    const bytes = table({ file_name: new Array(rows).fill('a.jpg'), label: new Array(rows).fill('dog') });
    expect(bytes.length).toBeLessThan(rows / 8);
    await expect(read(bytes)).rejects.toMatchObject({
      code: 'input.invalid',
      message: expect.stringMatching(/claims to have 100000 rows, which \d+ bytes cannot hold/) as string,
    });
  });
});
