/** @file The import formats. A new one is a file beside this one and a line here. */
import { AppError } from '#core/errors.ts';
import { classFolders } from './class-folders.ts';
import { csv } from './csv.ts';
import { imageLists } from './image-lists.ts';
import { imageSets } from './image-sets.ts';
import { imageFolder } from './image-folder.ts';
import { labelmeFlags } from './labelme-flags.ts';
import type { Importer } from './importer.ts';

export const importers: readonly Importer[] = [csv, classFolders, imageLists, imageSets, imageFolder, labelmeFlags];

/** @throws {AppError} 'not-found' if there is no such format */
export function importerFor(format: string): Importer {
  const importer = importers.find(({ id }) => id === format);
  if (importer) return importer;
  const known = importers.map(({ id }) => id);
  throw new AppError('not-found', `No import format ${format}; there are ${known.join(', ')}`, {
    details: { format, known },
  });
}
