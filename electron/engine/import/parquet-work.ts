/**
 * @file How much work a Parquet file claims to be, before any of it is done.
 *
 * Runs of equal values cost a file nothing, so a few bytes can stand for hours: what is claimed has to be in proportion to
 * the size of the file. What a page then hides in itself is left to the thread's limit of processor time.
 */
import type { FileMetaData } from 'hyparquet';

/** Packed best, the rows of a table that names a picture each take this share of a byte. */
const mostRowsPerByte = 8;
/** Unpacked from one byte, of all columns that are read; measured tables of labels stay below 60. */
const mostUnpacked = 256;
/** However small the file. */
const freeBytes = 64 * 1024 * 1024;
/** Of one column in one group of rows, unpacked. */
const maxChunkBytes = 1024 ** 3;
const maxRows = 100_000_000;
/** Labels of one picture. */
const maxListLength = 1000;
/** Rows read at once, where a group has more. */
const rowsAtOnce = 50_000;
/** Whatever the size of a group, so often at most is a page of it unpacked. */
const mostSlices = 8;

const codecs: readonly string[] = ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'BROTLI', 'ZSTD'];

/** What a damaged footer claims would be read for hours, or fill the memory. @throws {Error} the rest of a sentence */
export function assertReadable({ num_rows, row_groups }: FileMetaData, sizeBytes: number): void {
  let rows = 0n;
  for (const group of row_groups) {
    rows += group.num_rows;
    for (const { meta_data: facts } of group.columns) {
      const isDamaged =
        !facts ||
        group.num_rows < 0n ||
        facts.num_values < group.num_rows ||
        facts.num_values > group.num_rows * BigInt(maxListLength) ||
        facts.total_compressed_size < 0n ||
        facts.total_compressed_size > BigInt(sizeBytes) ||
        facts.total_uncompressed_size < 0n ||
        facts.total_uncompressed_size > BigInt(maxChunkBytes);
      if (isDamaged) throw new Error('its footer is damaged');
      if (!codecs.includes(facts.codec)) {
        throw new Error(`it is packed with ${facts.codec}; save it with Snappy, Zstandard, Gzip or Brotli`);
      }
    }
  }
  if (rows !== num_rows || rows > BigInt(maxRows)) throw new Error('its footer is damaged');
  if (rows > BigInt(sizeBytes * mostRowsPerByte)) {
    throw new Error(`it claims to have ${rows} rows, which ${sizeBytes} bytes cannot hold`);
  }
}

/** @param names  the columns of the first level that are read. @throws {Error} the rest of a sentence */
export function assertWork({ row_groups }: FileMetaData, names: readonly string[], sizeBytes: number): void {
  let unpacked = 0n;
  let values = 0n;
  for (const { columns } of row_groups) {
    for (const { meta_data: facts } of columns) {
      if (!facts || !names.includes(facts.path_in_schema[0]!)) continue;
      unpacked += facts.total_uncompressed_size;
      values += facts.num_values;
    }
  }
  if (
    unpacked > BigInt(freeBytes + sizeBytes * mostUnpacked) ||
    values > BigInt(names.length * sizeBytes * mostRowsPerByte)
  ) {
    throw new Error('it claims to hold far more than a file of its size can');
  }
}

/** Groups of rows, and parts of large ones. */
export function* rowSlices({ row_groups }: FileMetaData): Generator<{ rowStart: number; rowEnd: number }> {
  let start = 0;
  for (const { num_rows } of row_groups) {
    const end = start + Number(num_rows);
    // Without an index each slice goes through its group from the beginning.
    const step = Math.max(rowsAtOnce, Math.ceil(Number(num_rows) / mostSlices));
    for (let rowStart = start; rowStart < end; rowStart += step) {
      yield { rowStart, rowEnd: Math.min(end, rowStart + step) };
    }
    start = end;
  }
}
