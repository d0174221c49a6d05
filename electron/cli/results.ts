/** @file The results of a dataset, one picture at a time. */
import type { ExportOptions, ExportRow } from '#core/export-options.ts';
import type { EngineProcess } from '#host';

/** One line of `label --json`. */
export interface ImageResult {
  /** Relative to `source`, forward slashes. */
  file: string;
  source: string;
  width: number | null;
  height: number | null;
  status: string;
  /** An error code. */
  error: string | null;
  /** Best first. */
  predictions: { rank: number; label: string; score: number }[];
}

const pageImages = 500;

/** Page by page, so that a large dataset never sits in memory. */
export async function* imageResults(
  engine: EngineProcess,
  datasetId: number,
  options: ExportOptions,
): AsyncGenerator<ImageResult> {
  let afterId: number | null = 0;
  while (afterId !== null) {
    const page: { rows: ExportRow[]; nextAfterId: number | null } = await engine.call('results.page', {
      datasetId,
      options: { ...options, include: 'predictions' },
      afterId,
      limit: pageImages,
    });
    yield* groupByImage(page.rows);
    afterId = page.nextAfterId;
  }
}

function* groupByImage(rows: readonly ExportRow[]): Generator<ImageResult> {
  let imageId: number | undefined;
  let image: ImageResult | undefined;
  for (const row of rows) {
    if (!image || row.imageId !== imageId) {
      if (image) yield image;
      const { fileName: file, source, width, height, status, error } = row;
      image = { file, source, width, height, status, error: error === '' ? null : error, predictions: [] };
      imageId = row.imageId;
    }
    if (row.rank !== null && row.score !== null) {
      image.predictions.push({ rank: row.rank, label: row.label, score: Number(row.score.toFixed(6)) });
    }
  }
  if (image) yield image;
}
