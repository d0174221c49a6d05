import fc from 'fast-check';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { Compression, readParquet, writeParquet, WriterPropertiesBuilder } from 'parquet-wasm/node';
import { expect, test } from 'vitest';
import type { ExportRow } from '#core/export-options.ts';
import { previewExport } from '../../../electron/engine/export/exporter.ts';
import { anyRows, carried } from './any-rows.ts';
import { dataOptions, exportSource, fileExporter, mixedRows, row } from './source.ts';

const parquet = fileExporter('parquet');

function written(rows: Iterable<ExportRow>, options = dataOptions): Uint8Array {
  const source = exportSource([], { folders: ['/photos/spring'], rows: () => rows });
  return Buffer.concat([...parquet.write(source, options)].map((piece) => Buffer.from(piece)));
}

const rowsOf = (file: Uint8Array) =>
  parquetReadObjects({ file: new Uint8Array(file).buffer }) as Promise<Record<string, unknown>[]>;

/** Read by the Rust implementation, which writes what it understood anew: plainly, so that little can be misread again. */
function throughRust(file: Uint8Array): Uint8Array {
  const plain = new WriterPropertiesBuilder()
    .setDictionaryEnabled(false)
    .setCompression(Compression.UNCOMPRESSED)
    .build();
  return writeParquet(readParquet(file), plain);
}

const expected = (rows: ExportRow[]) =>
  rows.map((one) => ({
    file_name: carried(one.fileName),
    source: one.source,
    width: one.width,
    height: one.height,
    status: one.status,
    error: one.error || null,
    review: one.review,
    label: one.categoryId === null ? null : one.label,
    score: one.score === null ? null : Number(one.score.toFixed(6)),
    rank: one.rank,
  }));
/** Missing values are `undefined` to one reader and null to the other. */
const told = (rows: Record<string, unknown>[]) =>
  rows.map((fields) => Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value ?? null])));

test('two independent readers find each row as it was, whatever pictures and labels are called', async () => {
  await fc.assert(
    fc.asyncProperty(anyRows, async (rows) => {
      const file = written(rows);
      expect(told(await rowsOf(file))).toEqual(expected(rows));
      if (rows.length > 0) expect(told(await rowsOf(throughRust(file)))).toEqual(expected(rows));
    }),
    { numRuns: 40 },
  );
});

test('rows of several groups keep their order, and words that repeat are stored once for each group', async () => {
  const rows = Array.from({ length: 10_000 }, (_, index) =>
    row({ imageId: index, fileName: `${index}.jpg`, categoryId: 7, label: `label ${index % 3}`, score: 0.5, rank: 1 }),
  );
  const file = written(rows);
  const { row_groups: groups } = parquetMetadata(new Uint8Array(file).buffer);
  expect(groups.map(({ num_rows }) => Number(num_rows))).toEqual([2048, 2048, 2048, 2048, 1808]);
  const label = groups[0]!.columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === 'label');
  expect(label?.meta_data?.encodings).toContain('RLE_DICTIONARY');
  expect(told(await rowsOf(throughRust(file)))).toEqual(expected(rows));
});

test('an empty dataset is a table of no rows, and a rank is there only where there can be several', async () => {
  const file = written([], { ...dataOptions, topK: 1 });
  expect(await rowsOf(file)).toEqual([]);
  expect(parquetMetadata(new Uint8Array(file).buffer).schema.map(({ name }) => name)).toEqual([
    'root',
    'file_name',
    'source',
    'width',
    'height',
    'status',
    'error',
    'review',
    'label',
    'score',
  ]);
  expect(() => readParquet(file)).not.toThrow();
});

test('a preview is a table in words', () => {
  const lines = previewExport(parquet, exportSource(mixedRows), dataOptions, 2).split('\n');
  expect(lines[0]).toMatch(/^file_name +source +width +height +status +error +review +label +score +rank$/);
  expect(lines[1]).toMatch(/^walk\/dog, wet\.jpg +\/photos\/spring +640 +480 +done +unreviewed +dog +0\.812346 +1$/);
  expect(lines).toHaveLength(4);
});
