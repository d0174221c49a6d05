/**
 * @file Labels in an Apache Parquet table: our own export, or what pandas, Polars, DuckDB or Spark wrote.
 *
 * Rules as for CSV tables: a label without a score is a decision; with one it is a prediction, unless `review` says that a
 * person accepted or corrected it (then the first of a picture counts); 'unsure' and 'skipped' put the picture off. A list
 * in the label's column holds several labels. Columns are found by their names.
 */
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import {
  parquetMetadataAsync,
  parquetReadObjects,
  snappyUncompress,
  type AsyncBuffer,
  type FileMetaData,
} from 'hyparquet';
import { AppError } from '#core/errors.ts';
import { reviewStates } from '#core/image.ts';
import type { ImportEntry, Importer } from './importer.ts';
import { assertReadable, assertWork, rowSlices } from './parquet-work.ts';
import { findColumns, isAbsolute, isOwnHeader, looksLikePicture } from './table-columns.ts';

/** A page that claims to be larger is none of a table of labels. */
const maxPageBytes = 64 * 1024 * 1024;
/** What tells about the columns; larger ones are hostile. */
const maxFooterBytes = 16 * 1024 * 1024;
const sampleRows = 50;

type Row = Record<string, unknown>;
interface Columns {
  file: string;
  label: string;
  score: string | null;
  review: string | null;
  folder: string | null;
  isOwn: boolean;
}

export const parquet: Importer = {
  id: 'parquet',
  title: 'Parquet table',
  target: 'file',

  recognises: ({ bytes }) => (Buffer.from(bytes.subarray(0, 4)).toString('latin1') === 'PAR1' ? 1 : 0),

  async *read({ path }, options) {
    await using handle = await open(path, constants.O_RDONLY);
    try {
      const file = await openBuffer(handle);
      const metadata = await readFooter(file);
      const columns = await columnsOf(file, metadata);
      const wanted = [columns.file, columns.label, columns.score, columns.review, columns.folder];
      const names = [...new Set(wanted.filter((name) => name !== null))];
      assertWork(metadata, names, file.byteLength);
      const entryOf = openRows(columns);
      let number = 0;
      for (const rows of rowSlices(metadata)) {
        const found = await readRows(file, metadata, names, rows);
        if (found.length !== rows.rowEnd - rows.rowStart) throw new Error('rows are missing');
        for (const row of found) {
          const entry = entryOf(row, `row ${++number}`);
          if (entry) yield entry;
        }
        options.onBytes(Math.round((file.byteLength * rows.rowEnd) / Number(metadata.num_rows)));
      }
    } catch (cause) {
      if (cause instanceof AppError) throw cause;
      throw new AppError('input.invalid', `${basename(path)} cannot be read: ${(cause as Error).message}`, { cause });
    }
  },
};

async function openBuffer(handle: FileHandle): Promise<AsyncBuffer> {
  const { size } = await handle.stat();
  return {
    byteLength: size,
    slice(start, end = size) {
      const read = readPart(handle, start, Math.min(end, size));
      // The library asks ahead and may have given up when the answer comes.
      read.catch(() => {});
      return read;
    },
  };
}

async function readPart(handle: FileHandle, start: number, end: number): Promise<ArrayBuffer> {
  if (!(start >= 0 && end >= start)) throw new Error('it points outside of itself');
  const bytes = new ArrayBuffer(end - start);
  const { bytesRead } = await handle.read(new Uint8Array(bytes), 0, bytes.byteLength, start);
  if (bytesRead < bytes.byteLength) throw new Error('the file ends too early');
  return bytes;
}

async function readFooter(file: AsyncBuffer): Promise<FileMetaData> {
  if (file.byteLength < 12) throw new Error('the file ends too early');
  const end = new DataView(await file.slice(file.byteLength - 8));
  if (end.getUint32(0, true) > Math.min(maxFooterBytes, file.byteLength - 12)) throw new Error('its footer is damaged');
  const metadata = await parquetMetadataAsync(file);
  assertReadable(metadata, file.byteLength);
  return metadata;
}

function readRows(
  file: AsyncBuffer,
  metadata: FileMetaData,
  columns: string[],
  rows: { rowStart: number; rowEnd: number },
): Promise<Row[]> {
  return parquetReadObjects({ file, metadata, columns, ...rows, compressors, useOffsetIndex: true });
}

const limited = (unpack: (input: Uint8Array, options: { maxOutputLength: number }) => Uint8Array) => {
  return (input: Uint8Array, size: number): Uint8Array => {
    if (size > maxPageBytes) throw new Error('a page is far too large');
    return new Uint8Array(unpack(input, { maxOutputLength: Math.max(1, size) }));
  };
};

const compressors = {
  SNAPPY: (input: Uint8Array, size: number) => {
    if (size > maxPageBytes) throw new Error('a page is far too large');
    const output = new Uint8Array(size);
    snappyUncompress(input, output);
    return output;
  },
  GZIP: limited(gunzipSync),
  BROTLI: limited(brotliDecompressSync),
  ZSTD: limited(zstdDecompressSync),
};

async function columnsOf(file: AsyncBuffer, metadata: FileMetaData): Promise<Columns> {
  const names = topColumns(metadata);
  const rowEnd = Math.min(sampleRows, Number(metadata.num_rows));
  const sample = rowEnd > 0 ? await readRows(file, metadata, names, { rowStart: 0, rowEnd }) : [];
  const found = findColumns([names, ...sample.map((row) => names.map((name) => textOf(row[name])))], true);
  if (!found || found.oneHot) throw new Error('it has no column of file names and one of labels');
  const nameOf = (column: number | null) => (column === null ? null : names[column]!);
  return {
    file: names[found.file]!,
    label: names[found.label]!,
    score: nameOf(found.score),
    review: nameOf(found.review),
    folder: nameOf(found.folder),
    isOwn: isOwnHeader(names),
  };
}

/** Of the first level, in their order; the schema is a tree, written from its root down. */
function topColumns({ schema }: FileMetaData): string[] {
  const names: string[] = [];
  let at = 1;
  const skip = (): void => {
    const { num_children = 0 } = schema[at++] ?? {};
    for (let child = 0; child < num_children; child++) skip();
  };
  while (at < schema.length) {
    names.push(schema[at]!.name);
    skip();
  }
  return names;
}

function openRows({ file, label, score, review, folder, isOwn }: Columns) {
  let decided: string | undefined;
  return (row: Row, place: string): ImportEntry | undefined => {
    const name = textOf(row[file]);
    if (name.trim() === '') return { invalid: 'No picture is named', why: 'no-file', file: name, place };
    if (name.includes('\0')) return { invalid: 'The name has a NUL character', why: 'bad-name', file: name, place };
    const labels = labelsOf(row[label]);
    if (labels.some((one) => one.includes('\0'))) {
      return { invalid: 'The label has a NUL character', why: 'bad-label', file: name, place };
    }
    const said = score === null || row[score] === null || row[score] === undefined ? null : Number(row[score]);
    const points = said !== null && Number.isNaN(said) ? null : said;
    if (points !== null && !(points >= 0 && points <= 1)) {
      return { invalid: `The score ${points} is not between 0 and 1`, why: 'bad-score', file: name, place };
    }
    const source = folder === null ? '' : textOf(row[folder]);
    const base = {
      file: source && !isAbsolute(source) ? `${source.replace(/[\\/]+$/, '')}/${name}` : name,
      ...(isAbsolute(source) && { folder: source }),
      ...(!isOwn && !looksLikePicture(name) && { withoutExtension: true }),
      place,
    };
    const word = review === null ? '' : textOf(row[review]).trim().toLowerCase();
    const state = reviewStates.find((one) => one === word) ?? null;
    const key = `${source}\0${name}`;
    const isAgain = decided === key;
    if (!isAgain) decided = undefined;
    const isSure = state === 'accepted' || state === 'corrected';
    if (labels.length === 0) return { ...base, categories: [], review: state, predicted: false, score: null };
    if (points === null) {
      decided = key;
      return { ...base, categories: labels, review: isSure ? state : null, predicted: false, score: null };
    }
    if (state === 'unsure' || state === 'skipped') {
      return { ...base, categories: [], review: state, predicted: false, score: null };
    }
    if (!isSure) return { ...base, categories: labels, review: state, predicted: true, score: points };
    if (isAgain) return undefined;
    decided = key;
    return { ...base, categories: labels, review: state, predicted: false, score: null };
  };
}

function labelsOf(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return [...new Set(list.map(textOf).filter((one) => one.trim() !== ''))];
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  return '';
}
