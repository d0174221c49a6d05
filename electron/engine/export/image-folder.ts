/**
 * @file Hugging Face `imagefolder`: pictures with a `metadata.jsonl` beside them, in one folder for each split.
 *
 * Source of the format: the documentation of `datasets`, "Create an image dataset". Without a split all are in `train`,
 * which is what `datasets` calls a data set without one.
 */
import type { ExportRow, SplitName } from '#core/export-options.ts';
import type { Breath, FolderEntry, FolderExporter } from './exporter.ts';
import { jsonScore, jsonText } from './json-text.ts';
import { pictureList } from './picture-list.ts';
import { linesOf, picturePaths, placedPictures } from './pictures.ts';

export const imageFolder: FolderExporter = {
  id: 'imagefolder',
  title: 'Hugging Face imagefolder',
  extension: '',
  target: 'folder',
  absolutePaths: false,
  *entries(source, options): Generator<FolderEntry | Breath> {
    const pictures = yield* placedPictures(source, options, (taken) => {
      const pathOf = picturePaths(source, taken);
      return ({ row, split }) => pathOf(row, split ?? 'train');
    });
    const folders = new Set<SplitName>();
    for (const placed of pictures.first()) {
      if (placed) folders.add(placed.split ?? 'train');
      yield placed && { path: placed.path, picture: placed.row };
    }
    for (const folder of folders) {
      const text = linesOf(pictures.again(), ({ path, row, labels, split }) =>
        (split ?? 'train') === folder ? line(path.slice(folder.length + 1), row, labels) : '',
      );
      yield { path: `${folder}/metadata.jsonl`, text };
    }
    yield pictureList('imagefolder', [], pictures.again());
  },
};

function line(fileName: string, row: ExportRow, labels: readonly ExportRow[]): string {
  const first = labels[0];
  const score = first?.score == null ? 'null' : jsonScore(first.score);
  const all = labels.map(({ label }) => jsonText(label)).join(',');
  const label = first ? jsonText(first.label) : 'null';
  return `{"file_name":${jsonText(fileName)},"label":${label},"labels":[${all}],"score":${score},"review":${jsonText(row.review)}}\n`;
}
