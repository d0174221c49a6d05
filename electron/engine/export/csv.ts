/** @file One line per picture and label, for spreadsheets and pandas. */
import { byteOrderMark, csvField, csvRecord } from '#core/csv.ts';
import type { ExportOptions, ExportRow } from '#core/export-options.ts';
import { openScores } from './csv-scores.ts';
import { linesPerPiece, type ExportSource, type FileExporter } from './exporter.ts';

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

export const csv: FileExporter = csvTable({ id: 'csv', title: 'CSV table' }, false);

/** The same table with a column of scores for each category behind the others. */
export const csvScores: FileExporter = csvTable(
  { id: 'csv-scores', title: 'CSV table, scores of all categories' },
  true,
);

function csvTable(format: Pick<FileExporter, 'id' | 'title'>, hasScores: boolean): FileExporter {
  return {
    ...format,
    extension: 'csv',
    target: 'file',
    absolutePaths: true,
    write: (source, options) => lines(source, options, hasScores),
  };
}

function* lines(source: ExportSource, { dialect, ...options }: ExportOptions, hasScores: boolean): Generator<string> {
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
  const scores = hasScores ? yield* openScores(source) : undefined;
  yield csvRecord([...chosen.map(({ header }) => header), ...(scores?.headers ?? [])], dialect);
  let imageId: number | undefined;
  let picture = '';
  let ofCategories = '';
  let piece = '';
  let lines = 0;
  for (const row of source.rows()) {
    if (row.imageId !== imageId) {
      imageId = row.imageId;
      picture = '';
      for (const column of ofPicture) picture += `${field(column, row)},`;
      ofCategories = scores?.of(row.imageId) ?? '';
    }
    piece += picture;
    for (let place = 0; place < ofLabel.length; place++) {
      piece += (place === 0 ? '' : ',') + field(ofLabel[place]!, row);
    }
    piece += `${ofCategories}\r\n`;
    if (++lines % linesPerPiece > 0) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}
