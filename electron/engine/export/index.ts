/** @file The export formats. A new one is a file beside this one and a line here. */
import { AppError } from '#core/errors.ts';
import { cvatImagenet, imageFolders } from './class-folders.ts';
import { cocoResults } from './coco-results.ts';
import { coco } from './coco.ts';
import { csv, csvScores } from './csv.ts';
import { cvat } from './cvat.ts';
import type { Exporter } from './exporter.ts';
import { fiftyone } from './fiftyone.ts';
import { imageFolder } from './image-folder.ts';
import { imageLists } from './image-lists.ts';
import { imageSets } from './image-sets.ts';
import { jsonl } from './jsonl.ts';
import { labelmeFlags } from './labelme-flags.ts';
import { labelStudio } from './label-studio.ts';
import { parquet } from './parquet.ts';
import { xmp } from './xmp.ts';

export const exporters: readonly Exporter[] = [
  csv,
  csvScores,
  jsonl,
  parquet,
  coco,
  cocoResults,
  fiftyone,
  labelStudio,
  cvat,
  imageFolders,
  cvatImagenet,
  imageFolder,
  imageLists,
  imageSets,
  labelmeFlags,
  xmp,
];

/** @throws {AppError} 'not-found' if there is no such format */
export function exporterFor(format: string): Exporter {
  const exporter = exporters.find(({ id }) => id === format);
  if (exporter) return exporter;
  const known = exporters.map(({ id }) => id);
  throw new AppError('not-found', `No export format ${format}; there are ${known.join(', ')}`, {
    details: { format, known },
  });
}
