/** @file JSON Lines: one object per picture with all its labels, for pandas, jq and scripts. */
import type { ExportRow } from '#core/export-options.ts';
import { linesPerPiece, type FileExporter } from './exporter.ts';
import { jsonScore, jsonText } from './json-text.ts';

export const jsonl: FileExporter = {
  id: 'jsonl',
  title: 'JSON Lines',
  extension: 'jsonl',
  target: 'file',
  absolutePaths: true,
  *write(source) {
    let imageId: number | undefined;
    let piece = '';
    let lines = 0;
    let separator = '';
    for (const row of source.rows()) {
      if (row.imageId !== imageId) {
        if (imageId !== undefined) piece += ']}\n';
        if (++lines % linesPerPiece === 0) {
          yield piece;
          piece = '';
        }
        imageId = row.imageId;
        separator = '';
        piece += `{${picture(row)},"labels":[`;
      }
      if (row.categoryId === null) continue;
      piece += separator + label(row);
      separator = ',';
    }
    yield imageId === undefined ? piece : `${piece}]}\n`;
  },
};

function picture({ fileName, source, width, height, status, error, review }: ExportRow): string {
  const size = `"width":${width},"height":${height}`;
  const state = `"status":${jsonText(status)},"error":${error ? jsonText(error) : 'null'},"review":${jsonText(review)}`;
  return `"file_name":${jsonText(fileName)},"source":${jsonText(source)},${size},${state}`;
}

function label({ label, score, rank, origin }: ExportRow): string {
  const value = score === null ? 'null' : jsonScore(score);
  return `{"label":${jsonText(label)},"score":${value},"rank":${rank},"origin":${jsonText(origin ?? '')}}`;
}
