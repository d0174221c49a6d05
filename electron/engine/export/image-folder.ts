/**
 * @file Hugging Face `imagefolder`: pictures with a `metadata.jsonl` beside them, in one folder for each split.
 *
 * Source of the format: the documentation of `datasets`, "Create an image dataset". Without a split all are in `train`,
 * which is what `datasets` calls a data set without one.
 */
import type { ExportRow, SplitName } from '#core/export-options.ts';
import type { FolderEntry, FolderExporter } from './exporter.ts';
import { jsonScore, jsonText } from './json-text.ts';
import { labeledPictures, picturePaths } from './pictures.ts';

export const imageFolder: FolderExporter = {
  id: 'imagefolder',
  title: 'Hugging Face imagefolder',
  extension: '',
  target: 'folder',
  *entries(source, options): Generator<FolderEntry> {
    const pathOf = picturePaths(source);
    const metadata = new Map<SplitName, string[]>();
    for (const { row, labels, split } of labeledPictures(source, options)) {
      const folder = split ?? 'train';
      const path = pathOf(row, folder);
      const lines = metadata.get(folder) ?? [];
      metadata.set(folder, lines);
      lines.push(line(path.slice(folder.length + 1), row, labels));
      yield { path, picture: row };
    }
    for (const [folder, lines] of metadata) yield { path: `${folder}/metadata.jsonl`, text: lines };
  },
};

function line(fileName: string, row: ExportRow, labels: readonly ExportRow[]): string {
  const first = labels[0];
  const score = first?.score == null ? 'null' : jsonScore(first.score);
  const all = labels.map(({ label }) => jsonText(label)).join(',');
  const label = first ? jsonText(first.label) : 'null';
  return `{"file_name":${jsonText(fileName)},"label":${label},"labels":[${all}],"score":${score},"review":${jsonText(row.review)}}\n`;
}
