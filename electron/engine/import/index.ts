/** @file The import formats. A new one is a file beside this one and a line here. */
import { AppError } from '#core/errors.ts';
import { classFolders } from './class-folders.ts';
import { coco } from './coco.ts';
import { csv } from './csv.ts';
import { fiftyone } from './fiftyone.ts';
import { imageList, imageLists } from './image-lists.ts';
import { imageSets } from './image-sets.ts';
import { imageFolder } from './image-folder.ts';
import { jsonl } from './jsonl.ts';
import { labelStudio } from './label-studio.ts';
import { labelmeFlags } from './labelme-flags.ts';
import { cvat } from './cvat.ts';
import { cvatImagenet } from './cvat-imagenet.ts';
import type { Importer } from './importer.ts';
import { parquet } from './parquet.ts';
import { xmp } from './xmp.ts';

export const importers: readonly Importer[] = [
  csv,
  coco,
  jsonl,
  fiftyone,
  labelStudio,
  classFolders,
  imageLists,
  imageList,
  imageSets,
  imageFolder,
  labelmeFlags,
  parquet,
  xmp,
  cvat,
  cvatImagenet,
];

/** @throws {AppError} 'not-found' if there is no such format */
export function importerFor(format: string): Importer {
  const importer = importers.find(({ id }) => id === format);
  if (importer) return importer;
  const known = importers.map(({ id }) => id);
  throw new AppError('not-found', `No import format ${format}; there are ${known.join(', ')}`, {
    details: { format, known },
  });
}
