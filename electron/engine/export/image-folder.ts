/**
 * @file Hugging Face `imagefolder`: pictures with a `metadata.jsonl` beside them, in one folder for each split.
 *
 * Source of the format: the documentation of `datasets`, "Create an image dataset". Without a split all are in `train`,
 * which is what `datasets` calls a data set without one.
 */
import type { ExportOptions, ExportRow, SplitName } from '#core/export-options.ts';
import type { ExportSource, FolderEntry, FolderExporter, RowChoice } from './exporter.ts';
import { jsonScore, jsonText } from './json-text.ts';
import { pictureList, type PlacedPicture } from './picture-list.ts';
import { labeledPictures, picturePaths } from './pictures.ts';

export const imageFolder: FolderExporter = {
  id: 'imagefolder',
  title: 'Hugging Face imagefolder',
  extension: '',
  target: 'folder',
  absolutePaths: false,
  *entries(source, options): Generator<FolderEntry> {
    const metadata = new Map<SplitName, string[]>();
    for (const { path, row, labels, split } of placed(source, options)) {
      const folder = split ?? 'train';
      const lines = metadata.get(folder) ?? [];
      metadata.set(folder, lines);
      lines.push(line(path.slice(folder.length + 1), row, labels));
      yield { path, picture: row };
    }
    for (const [folder, lines] of metadata) yield { path: `${folder}/metadata.jsonl`, text: lines };
    yield pictureList('imagefolder', [], placed(source, options, { ahead: true }));
  },
};

function* placed(source: ExportSource, options: ExportOptions, choice?: RowChoice): Generator<PlacedPicture> {
  const pathOf = picturePaths(source);
  for (const picture of labeledPictures(source, options, choice)) {
    yield { ...picture, path: pathOf(picture.row, picture.split ?? 'train') };
  }
}

function line(fileName: string, row: ExportRow, labels: readonly ExportRow[]): string {
  const first = labels[0];
  const score = first?.score == null ? 'null' : jsonScore(first.score);
  const all = labels.map(({ label }) => jsonText(label)).join(',');
  const label = first ? jsonText(first.label) : 'null';
  return `{"file_name":${jsonText(fileName)},"label":${label},"labels":[${all}],"score":${score},"review":${jsonText(row.review)}}\n`;
}
