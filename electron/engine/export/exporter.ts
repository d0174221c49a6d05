/** @file What every export format offers, and what it gets to read. */
import type { ExportFormat, ExportOptions, ExportRow } from '#core/export-options.ts';

export interface ExportCategory {
  id: number;
  name: string;
  /** Parent path, e.g. 'animal/mammal'; may be empty. */
  supercategory: string;
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
  rows(): Iterable<ExportRow>;
  categories(): Iterable<ExportCategory>;
}

export interface Exporter extends ExportFormat {
  /**
   * The file as pieces of text, roughly one per row. An empty piece is a row that leaves no trace, so that whoever
   * writes can still breathe in between.
   */
  write(source: ExportSource, options: ExportOptions): Iterable<string>;
}

/** The same dataset cut off after `rowCount` rows, for a preview. */
export function firstRows(source: ExportSource, rowCount: number): ExportSource {
  return {
    ...source,
    *rows() {
      if (rowCount <= 0) return;
      let left = rowCount;
      for (const row of source.rows()) {
        yield row;
        if (--left === 0) return;
      }
    },
  };
}

/**
 * The beginning of a file exactly as it would be written, complete in itself (closed brackets and all).
 *
 * @param rowCount  how many rows to take
 */
export function previewExport(
  exporter: Exporter,
  source: ExportSource,
  options: ExportOptions,
  rowCount: number,
): string {
  return [...exporter.write(firstRows(source, rowCount), options)].join('');
}
