/** @file The pictures of an export that is a folder, one after the other with all their labels. */
import type { ExportOptions, ExportRow, SplitName } from '#core/export-options.ts';
import type { ExportSource, RowChoice } from './exporter.ts';
import { prefixOfFolder } from './folder-names.ts';
import { safeName, takenNames } from './safe-name.ts';
import { splitPictures } from './split.ts';

export interface LabeledPicture {
  /** The first label, or none. */
  row: ExportRow;
  /** With at least one label unless the picture has none. */
  labels: ExportRow[];
  /** Null when nothing is split. */
  split: SplitName | null;
}

/** @param choice  a second pass is a look ahead, so that its rows do not count twice */
export function* labeledPictures(
  source: ExportSource,
  { split }: ExportOptions,
  choice?: RowChoice,
): Generator<LabeledPicture> {
  const splits = split ? splitPictures(source, split) : undefined;
  let current: LabeledPicture | undefined;
  for (const row of source.rows(choice)) {
    if (row.imageId !== current?.row.imageId) {
      if (current) yield current;
      current = { row, labels: [], split: splits?.get(row.imageId) ?? null };
    }
    if (row.categoryId !== null) current.labels.push(row);
  }
  if (current) yield current;
}

/**
 * Where each picture lies below a folder of the export, as it lay below the chosen ones: names that some system would
 * refuse are changed, and none comes twice.
 */
export function picturePaths(source: ExportSource): (row: ExportRow, folder: string) => string {
  const prefixes = prefixOfFolder(source.folders);
  const unique = takenNames();
  return (row, folder) => {
    const parts = `${prefixes.get(row.source) ?? ''}${row.fileName}`.split('/').map(safeName);
    return unique([...(folder ? [folder] : []), ...parts].join('/'));
  };
}

/** A folder's name for each category, none twice. */
export function categoryFolders(source: ExportSource): Map<number, { folder: string; name: string }> {
  const unique = takenNames();
  return new Map([...source.categories()].map(({ id, name }) => [id, { folder: unique(safeName(name)), name }]));
}
