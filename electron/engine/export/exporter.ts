/** @file What every export format offers, and what it gets to read. */
import type { ExportFormat, ExportOptions, ExportRow } from '#core/export-options.ts';

export interface ExportCategory {
  id: number;
  name: string;
  /** Parent path, e.g. 'animal/mammal'; may be empty. */
  supercategory: string;
}

/** Part of the rows, so that a pass for pictures need not read labels. */
export interface RowChoice {
  /** Only pictures whose width and height are known, or only the others. */
  size?: 'known' | 'unknown';
  /** One row per picture, without a label. */
  pictures?: boolean;
  /** Every prediction there is of the pictures, whatever was decided and however few of them are exported. */
  scores?: boolean;
  /** A look ahead: its rows do not count as written. */
  ahead?: boolean;
}

/** One dataset under one read snapshot: every pass sees the same rows in the same order. */
export interface ExportSource {
  datasetName: string;
  /** The chosen folders, absolute, in a fixed order. */
  folders: readonly string[];
  /**
   * Streams, so a million rows never sit in memory. Ordered by image id, then rank; at least one row per picture,
   * with an empty label when it has none. May be called several times.
   */
  rows(choice?: RowChoice): Iterable<ExportRow>;
  categories(): Iterable<ExportCategory>;
  /**
   * Told of each picture a format cannot carry, with one plain sentence about why; it is then left out. The same
   * picture may be told of again by another pass.
   */
  leaveOut(row: ExportRow, reason: string): void;
  /** Pictures that must not be parted, because they are nearly the same; a picture alone has no group. */
  groupOf(imageId: number): number | undefined;
}

/** One thing in a folder that is written. Paths are relative, with forward slashes, and all different. */
export type FolderEntry = { path: string; text: Iterable<string> } | { path: string; picture: ExportRow };

/** Nothing yet: whoever writes can let others work in between. */
export type Breath = null;

/** A format that is one file. */
export interface FileExporter extends ExportFormat {
  target: 'file';
  /**
   * The file as pieces of text, each of at most some dozens of rows, or of bytes. An empty piece stands for rows that
   * leave no trace, so that whoever writes can still breathe in between.
   */
  write(source: ExportSource, options: ExportOptions): Iterable<string | Uint8Array>;
  /** What a person sees of a file that is no text; absent: its beginning. */
  preview?(source: ExportSource, options: ExportOptions): string;
  /** A small second file, `<name>.<extension>` beside the first. */
  companion?(source: ExportSource): { extension: string; text: string };
}

/** A format that is a folder of files, with the pictures in it if they are wanted. */
export interface FolderExporter extends ExportFormat {
  target: 'folder';
  /** An entry of text is written to its end before the next one is asked for; an empty piece of it is a breath, too. */
  entries(source: ExportSource, options: ExportOptions): Iterable<FolderEntry | Breath>;
}

/** A format that is written beside or inside the photos. */
export interface PhotosExporter extends ExportFormat {
  target: 'photos';
  preview(source: ExportSource, options: ExportOptions): string;
}

export type Exporter = FileExporter | FolderExporter | PhotosExporter;

export function hasSize({ width, height }: Pick<ExportRow, 'width' | 'height'>): boolean {
  return (width ?? 0) > 0 && (height ?? 0) > 0;
}

/** Whether a person has accepted or corrected the picture. */
export function isReviewed({ review }: Pick<ExportRow, 'review'>): boolean {
  return review === 'accepted' || review === 'corrected';
}

/** Lines in one piece of text: a piece costs more than a line, and a line more than its letters. */
export const linesPerPiece = 64;

/** What of `rows`, which are all of a dataset or its beginning, a choice leaves. */
export function* chooseRows(
  rows: Iterable<ExportRow>,
  { size, pictures, scores }: RowChoice = {},
): Generator<ExportRow> {
  let imageId: number | undefined;
  for (const row of rows) {
    const isFirst = row.imageId !== imageId;
    imageId = row.imageId;
    if (size && hasSize(row) !== (size === 'known')) continue;
    if (scores && row.origin !== 'prediction') continue;
    if (!pictures) yield row;
    else if (isFirst) yield { ...row, categoryId: null, label: '', score: null, rank: null, origin: null };
  }
}

/** The same dataset cut off after `rowCount` rows, for a preview. */
export function firstRows(source: ExportSource, rowCount: number): ExportSource {
  function* first() {
    if (rowCount <= 0) return;
    let left = rowCount;
    for (const row of source.rows()) {
      yield row;
      if (--left === 0) return;
    }
  }
  /** All predictions of the pictures of these rows. */
  function* scores(choice: RowChoice) {
    let lastId = 0;
    for (const { imageId } of first()) lastId = imageId;
    for (const row of source.rows(choice)) {
      if (row.imageId > lastId) return;
      yield row;
    }
  }
  return {
    ...source,
    rows: (choice) => (choice?.scores ? scores(choice) : chooseRows(first(), choice)),
    leaveOut: () => {},
  };
}

/**
 * The beginning of a file exactly as it would be written, complete in itself (closed brackets and all); of a folder, the
 * paths and the texts in it.
 *
 * @param rowCount  how many rows to take
 */
export function previewExport(
  exporter: Exporter,
  source: ExportSource,
  options: ExportOptions,
  rowCount: number,
): string {
  const first = firstRows(source, rowCount);
  if (exporter.target === 'file') {
    return exporter.preview?.(first, options) ?? [...exporter.write(first, options)].join('');
  }
  if (exporter.target === 'photos') return exporter.preview(first, options);
  let text = '';
  for (const entry of exporter.entries(first, options)) {
    if (!entry) continue;
    text += `${entry.path}\n`;
    if ('text' in entry) text += [...entry.text].join('').replaceAll(/^/gm, '    ').replace(/ {4}$/, '');
  }
  return text;
}
