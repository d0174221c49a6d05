/**
 * @file Pascal VOC image sets for classification: for each category and split a list of all pictures with 1 or -1.
 *
 * Source of the format: the VOC2012 development kit, section 4. Pictures are named without their extension there, so
 * names are made to differ in more than that.
 */
import { posix } from 'node:path';
import type { ExportOptions } from '#core/export-options.ts';
import type { ExportSource, FolderEntry, FolderExporter, RowChoice } from './exporter.ts';
import { pictureList, type PlacedPicture } from './picture-list.ts';
import { categoryFolders, labeledPictures } from './pictures.ts';
import { safeName, takenNames } from './safe-name.ts';

export const imageSets: FolderExporter = {
  id: 'image-sets',
  title: 'Pascal VOC image sets',
  extension: '',
  target: 'folder',
  absolutePaths: false,
  *entries(source, options): Generator<FolderEntry> {
    const sets = new Map<string, { stem: string; categoryIds: Set<number> }[]>();
    const used = new Set<number>();
    for (const { path, row, labels, split } of placed(source, options)) {
      const set = sets.get(split ?? 'trainval') ?? [];
      sets.set(split ?? 'trainval', set);
      const categoryIds = new Set(labels.map(({ categoryId }) => categoryId!));
      for (const categoryId of categoryIds) used.add(categoryId);
      set.push({ stem: withoutExtension(path.slice(folder.length))[0], categoryIds });
      yield { path, picture: row };
    }
    const names = setNames(source);
    for (const [split, pictures] of sets) {
      yield { path: `ImageSets/Main/${split}.txt`, text: lines(pictures, ({ stem }) => stem) };
      for (const categoryId of used) {
        yield {
          path: `ImageSets/Main/${names.get(categoryId)!.written}_${split}.txt`,
          text: lines(pictures, ({ stem, categoryIds }) => `${stem} ${categoryIds.has(categoryId) ? ' 1' : '-1'}`),
        };
      }
    }
    const written = [...names.values()].map(({ written, name }) => [written, name] as const);
    yield pictureList('image-sets', written, placed(source, options, { ahead: true }));
  },
};

/** Made as they are written: a list of a million at once would keep everything else waiting. */
function* lines<T>(pictures: readonly T[], line: (picture: T) => string): Generator<string> {
  for (const picture of pictures) yield `${line(picture)}\n`;
}

const folder = 'JPEGImages/';

function* placed(source: ExportSource, options: ExportOptions, choice?: RowChoice): Generator<PlacedPicture> {
  const unique = takenNames();
  for (const picture of labeledPictures(source, options, choice)) {
    const name = safeName(posix.basename(picture.row.fileName)).replaceAll(/\s/g, '_');
    const [stem, extension] = withoutExtension(name);
    // A dot within it would be taken for the extension where there is none.
    const own = unique(extension ? stem : stem.replaceAll('.', '_'));
    yield { ...picture, path: `${folder}${own}${extension}` };
  }
}

function withoutExtension(name: string): [stem: string, extension: string] {
  const [, stem, extension] = /^(.+?)(\.[^.]*)?$/s.exec(name)!;
  return [stem!, extension ?? ''];
}

/** Without blanks, which part the columns, and none twice, however systems compare. */
function setNames(source: ExportSource): Map<number, { written: string; name: string }> {
  const unique = takenNames();
  return new Map(
    [...categoryFolders(source)].map(([id, { folder: wanted, name }]) => [
      id,
      { written: unique(wanted.replaceAll(/\s/g, '_')), name },
    ]),
  );
}
