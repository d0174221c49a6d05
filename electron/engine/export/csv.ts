/** @file One line per picture and label, for spreadsheets and pandas. */
import { byteOrderMark, csvField, csvRecord } from '#core/csv.ts';
import type { ExportOptions, ExportRow } from '#core/export-options.ts';
import { linesPerPiece, type FileExporter } from './exporter.ts';

interface Column {
  header: string;
  value: (row: ExportRow) => string | number | null;
  /** Differs between rows of one picture; absent: made once for all of them. */
  ofLabel?: true;
  /** Few different texts in a whole file: each is quoted once. */
  repeats?: true;
  /** Only in files where this holds; absent: always. */
  when?: (options: ExportOptions) => boolean;
}

/** A new column is one line here; those of the label come last. */
const columns: readonly Column[] = [
  { header: 'file_name', value: (row) => row.fileName },
  { header: 'source', value: (row) => row.source, repeats: true },
  { header: 'width', value: (row) => row.width },
  { header: 'height', value: (row) => row.height },
  { header: 'status', value: (row) => row.status, repeats: true },
  { header: 'error', value: (row) => row.error, repeats: true },
  { header: 'review', value: (row) => row.review, repeats: true },
  { header: 'label', value: (row) => row.label, ofLabel: true, repeats: true },
  // Six digits: float32 carries about seven, and a shorter file diffs better.
  { header: 'score', value: (row) => (row.score === null ? null : row.score.toFixed(6)), ofLabel: true },
  { header: 'rank', value: (row) => row.rank, ofLabel: true, when: (options) => options.topK > 1 },
];

export const csv: FileExporter = {
  id: 'csv',
  title: 'CSV table',
  extension: 'csv',
  target: 'file',
  absolutePaths: true,
  *write(source, { dialect, ...options }) {
    const chosen = columns.filter(({ when }) => when?.({ dialect, ...options }) ?? true);
    const ofPicture = chosen.filter(({ ofLabel }) => !ofLabel);
    const ofLabel = chosen.filter((column) => column.ofLabel);
    const quoted = new Map<string, string>();

    function field({ value, repeats }: Column, row: ExportRow): string {
      const content = value(row) ?? '';
      if (typeof content === 'number') return String(content);
      if (!repeats) return csvField(content, dialect);
      let text = quoted.get(content);
      if (text === undefined) {
        text = csvField(content, dialect);
        quoted.set(content, text);
      }
      return text;
    }

    if (dialect === 'spreadsheet') yield byteOrderMark;
    yield csvRecord(
      chosen.map(({ header }) => header),
      dialect,
    );
    let imageId: number | undefined;
    let picture = '';
    let piece = '';
    let lines = 0;
    for (const row of source.rows()) {
      if (row.imageId !== imageId) {
        imageId = row.imageId;
        picture = '';
        for (const column of ofPicture) picture += `${field(column, row)},`;
      }
      piece += picture;
      for (let place = 0; place < ofLabel.length; place++) {
        piece += (place === 0 ? '' : ',') + field(ofLabel[place]!, row);
      }
      piece += '\r\n';
      if (++lines % linesPerPiece > 0) continue;
      yield piece;
      piece = '';
    }
    yield piece;
  },
};
