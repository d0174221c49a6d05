/**
 * @file Pascal VOC image sets for classification: for each category and split a list of all pictures with 1 or -1.
 *
 * Source of the format: the VOC2012 development kit, section 4. Pictures are named without their extension there, so
 * names are made to differ in more than that.
 */
import { posix } from 'node:path';
import type { FolderEntry, FolderExporter } from './exporter.ts';
import { categoryFolders, labeledPictures } from './pictures.ts';
import { safeName, takenNames } from './safe-name.ts';

export const imageSets: FolderExporter = {
  id: 'image-sets',
  title: 'Pascal VOC image sets',
  extension: '',
  target: 'folder',
  *entries(source, options): Generator<FolderEntry> {
    const unique = takenNames();
    const sets = new Map<string, { stem: string; categoryIds: Set<number> }[]>();
    const used = new Set<number>();
    for (const { row, labels, split } of labeledPictures(source, options)) {
      const name = safeName(posix.basename(row.fileName)).replaceAll(/\s/g, '_');
      const [, stem, extension] = /^(.+?)(\.[^.]*)?$/s.exec(name)!;
      const own = unique(stem!);
      const set = sets.get(split ?? 'trainval') ?? [];
      sets.set(split ?? 'trainval', set);
      const categoryIds = new Set(labels.map(({ categoryId }) => categoryId!));
      for (const categoryId of categoryIds) used.add(categoryId);
      set.push({ stem: own, categoryIds });
      yield { path: `JPEGImages/${own}${extension ?? ''}`, picture: row };
    }
    const names = categoryFolders(source);
    for (const [split, pictures] of sets) {
      yield { path: `ImageSets/Main/${split}.txt`, text: pictures.map(({ stem }) => `${stem}\n`) };
      for (const categoryId of used) {
        yield {
          path: `ImageSets/Main/${names.get(categoryId)!.replaceAll(/\s/g, '_')}_${split}.txt`,
          text: pictures.map(({ stem, categoryIds }) => `${stem} ${categoryIds.has(categoryId) ? ' 1' : '-1'}\n`),
        };
      }
    }
  },
};
