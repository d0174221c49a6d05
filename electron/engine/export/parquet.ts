/** @file The table of the CSV export as Apache Parquet, with types and without a word of quoting. */
import { ByteWriter, ParquetWriter, schemaFromColumnData, type BasicType } from 'hyparquet-writer';
import type { ExportOptions, ExportRow } from '#core/export-options.ts';
import { linesPerPiece, type FileExporter } from './exporter.ts';

interface Column {
  name: string;
  type: BasicType;
  value: (row: ExportRow) => string | number | null;
  /** Every row has one. */
  always?: true;
  /** Few different texts in a whole file: a dictionary for each group of rows, whatever is in it. */
  repeats?: true;
  /** Only in files where this holds; absent: always. */
  when?: (options: ExportOptions) => boolean;
}

/** As in the CSV export; what is empty there is null here. */
const columns: readonly Column[] = [
  { name: 'file_name', type: 'STRING', value: (row) => row.fileName.toWellFormed(), always: true },
  { name: 'source', type: 'STRING', value: (row) => row.source.toWellFormed(), always: true, repeats: true },
  { name: 'width', type: 'INT32', value: (row) => row.width },
  { name: 'height', type: 'INT32', value: (row) => row.height },
  { name: 'status', type: 'STRING', value: (row) => row.status, always: true, repeats: true },
  { name: 'error', type: 'STRING', value: (row) => row.error || null, repeats: true },
  { name: 'review', type: 'STRING', value: (row) => row.review, always: true, repeats: true },
  {
    name: 'label',
    type: 'STRING',
    value: (row) => (row.categoryId === null ? null : row.label.toWellFormed()),
    repeats: true,
  },
  // The digits of the CSV export: float32, which scores come from, would show as 0.8999999761581421.
  { name: 'score', type: 'DOUBLE', value: (row) => (row.score === null ? null : Math.round(row.score * 1e6) / 1e6) },
  { name: 'rank', type: 'INT32', value: (row) => row.rank, when: (options) => options.topK > 1 },
];

/**
 * Rows encoded in one go: enough for a reader to skip and to pack, few enough for a turn of the event loop; and so few that
 * V8 does not take them for a reason to keep 60 MB more for young objects.
 */
const groupRows = 2048;

const chosenColumns = (options: ExportOptions) => columns.filter(({ when }) => when?.(options) ?? true);

export const parquet: FileExporter = {
  id: 'parquet',
  title: 'Parquet table',
  extension: 'parquet',
  target: 'file',
  absolutePaths: true,

  *write(source, options) {
    const chosen = chosenColumns(options).map((column) => ({
      ...column,
      data: new Array<string | number | null>(groupRows),
    }));
    const columnData = chosen.map(({ name, type, always = false, repeats, data }) => ({
      name,
      type,
      data,
      nullable: !always,
      ...(repeats && { encoding: 'RLE_DICTIONARY' as const }),
    }));
    const bytes = new ByteWriter();
    const writer = new ParquetWriter({
      writer: bytes,
      schema: schemaFromColumnData({ columnData }),
      createdBy: 'labelwright version 1',
    });
    /** What was encoded since, which then belongs to whoever asked: the next bytes take its place. */
    const taken = () => {
      const piece = bytes.getBytes().slice();
      bytes.index = 0;
      return piece;
    };
    const encode = (count: number) => {
      // Least and greatest texts are compared by UTF-16 units here and by bytes in readers, who then pass over rows.
      const ofGroup = columnData.map((column) => ({
        ...column,
        data: count < groupRows ? column.data.slice(0, count) : column.data,
        statistics: column.type !== 'STRING',
      }));
      void writer.write({ columnData: ofGroup, rowGroupSize: groupRows });
      return taken();
    };

    let rows = 0;
    for (const row of source.rows()) {
      for (const { value, data } of chosen) data[rows % groupRows] = value(row);
      if (++rows % groupRows === 0) yield encode(groupRows);
      else if (rows % linesPerPiece === 0) yield '';
    }
    if (rows % groupRows > 0) yield encode(rows % groupRows);
    void writer.finish();
    yield rows > 0 ? taken() : withEmptyGroups(taken());
  },

  preview(source, options) {
    const chosen = chosenColumns(options);
    const lines = [chosen.map(({ name }) => name)];
    for (const row of source.rows()) {
      lines.push(chosen.map(({ value }) => String(value(row) ?? '').replaceAll(/[\r\n\t]/g, ' ')));
    }
    const widths = chosen.map((_, place) => Math.max(...lines.map((cells) => cells[place]!.length)));
    return lines
      .map((cells) => `${cells.map((cell, place) => cell.padEnd(widths[place]!)).join('  ')}`.trimEnd() + '\n')
      .join('');
  },
};

/**
 * The library marks an empty list as one of bytes, which strict readers refuse where groups of rows are due: the number
 * of rows (field 3, zero), then their groups (field 4, a list of no structs; Thrift's compact protocol).
 */
function withEmptyGroups(footer: Uint8Array): Uint8Array {
  const [list, asBytes, asStructs] = [0x19, 0x00, 0x0c];
  const at = Buffer.from(footer.buffer).lastIndexOf(Buffer.from([0x16, 0x00, list, asBytes]));
  if (at >= 0) footer[at + 3] = asStructs;
  return footer;
}
