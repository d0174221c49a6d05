/** @file The pictures of an export that is a folder, one after the other with all their labels, as often as it takes. */
import type { ExportOptions, ExportRow, SplitName } from '#core/export-options.ts';
import type { Breath, ExportSource, RowChoice } from './exporter.ts';
import { prefixOfFolder } from './folder-names.ts';
import { safeName } from './safe-name.ts';
import { splitPictures, type SplitOf } from './split.ts';
import { repeatableNames, takenNames, type Unique } from './taken-names.ts';

export interface LabeledPicture {
  /** The first label, or none. */
  row: ExportRow;
  /** With at least one label unless the picture has none. */
  labels: ExportRow[];
  /** Null when nothing is split. */
  split: SplitName | null;
}

export interface PlacedPicture extends LabeledPicture {
  /** Below the folder of the export. */
  path: string;
}

/** Every pass sees the same pictures under the same paths, and remembers but a few bytes of each. */
export interface PlacedPictures {
  /** To its end before any other: it gives the paths, and tells of what is left out. */
  first(): Iterable<PlacedPicture | Breath>;
  again(): Iterable<PlacedPicture | Breath>;
}

/**
 * Where pictures go, asked for each in their order.
 *
 * @param taken  another set of names, each of which is given only once
 * @returns      null for a picture that is left out because it has no label
 */
export type Placing = (taken: () => Unique) => (picture: LabeledPicture) => string | null;

/** @param choice  a second pass is a look ahead, so that its rows do not count twice */
export function* labeledPictures(
  source: ExportSource,
  splitOf: SplitOf = () => null,
  choice?: RowChoice,
): Generator<LabeledPicture> {
  let current: LabeledPicture | undefined;
  let place = 0;
  for (const row of source.rows(choice)) {
    if (row.imageId !== current?.row.imageId) {
      if (current) yield current;
      current = { row, labels: [], split: splitOf(place++) };
    }
    if (row.categoryId !== null) current.labels.push(row);
  }
  if (current) yield current;
}

export function* placedPictures(
  source: ExportSource,
  { split }: ExportOptions,
  placing: Placing,
): Generator<Breath, PlacedPictures> {
  const splitOf = split ? yield* splitPictures(source, split) : undefined;
  const names = repeatableNames();

  function* walk(
    place: ReturnType<Placing>,
    leaveOut: ExportSource['leaveOut'],
    choice?: RowChoice,
  ): Generator<PlacedPicture | Breath> {
    for (const picture of labeledPictures(source, splitOf, choice)) {
      const path = place(picture);
      if (path === null) leaveOut(picture.row, 'It has no label');
      yield path === null ? null : { ...picture, path };
    }
  }

  return {
    first: () => walk(placing(names.first), (row, reason) => source.leaveOut(row, reason)),
    again: () => walk(placing(names.again()), () => {}, { ahead: true }),
  };
}

/** Made as they are written: a list of a million at once would keep everything else waiting. */
export function* linesOf(
  pictures: Iterable<PlacedPicture | Breath>,
  line: (picture: PlacedPicture) => string,
): Generator<string> {
  for (const picture of pictures) yield picture ? line(picture) : '';
}

/**
 * Where each picture lies below a folder of the export, as it lay below the chosen ones: names that some system would
 * refuse are changed, and none comes twice.
 */
export function picturePaths(source: ExportSource, taken: () => Unique): (row: ExportRow, folder: string) => string {
  const prefixes = prefixOfFolder(source.folders);
  const unique = taken();
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
