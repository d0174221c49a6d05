/** @file One line per picture and label, for spreadsheets and pandas. */
import { byteOrderMark, csvRecord } from '#core/csv.ts';
import type { ExportOptions, ExportRow } from '#core/export-options.ts';
import type { Exporter } from './exporter.ts';

interface Column {
  header: string;
  value: (row: ExportRow) => string | number | null;
  /** Only in files where this holds; absent: always. */
  when?: (options: ExportOptions) => boolean;
}

/** A new column is one line here. */
const columns: readonly Column[] = [
  { header: 'file_name', value: (row) => row.fileName },
  { header: 'source', value: (row) => row.source },
  { header: 'width', value: (row) => row.width },
  { header: 'height', value: (row) => row.height },
  { header: 'status', value: (row) => row.status },
  { header: 'error', value: (row) => row.error },
  { header: 'review', value: (row) => row.review },
  { header: 'label', value: (row) => row.label },
  // Six digits: float32 carries about seven, and a shorter file diffs better.
  { header: 'score', value: (row) => (row.score === null ? null : row.score.toFixed(6)) },
  { header: 'rank', value: (row) => row.rank, when: (options) => options.topK > 1 },
];

export const csv: Exporter = {
  id: 'csv',
  title: 'CSV table',
  extension: 'csv',
  *write(source, options) {
    const chosen = columns.filter(({ when }) => when?.(options) ?? true);
    if (options.dialect === 'spreadsheet') yield byteOrderMark;
    yield csvRecord(
      chosen.map(({ header }) => header),
      options.dialect,
    );
    for (const row of source.rows()) {
      yield csvRecord(
        chosen.map(({ value }) => value(row) ?? ''),
        options.dialect,
      );
    }
  },
};
