/**
 * @file Pascal VOC image sets for classification: for each category and split a list of all pictures with 1 or -1.
 *
 * Source of the format: the VOC2012 development kit, section 4. Pictures are named without their extension there, so
 * names are made to differ in more than that.
 */
import { posix } from 'node:path';
import type { Breath, ExportSource, FolderEntry, FolderExporter } from './exporter.ts';
import { numberList, type NumberList } from './number-list.ts';
import { packedLines, type PackedLines } from './packed-lines.ts';
import { pictureList } from './picture-list.ts';
import { categoryFolders, placedPictures } from './pictures.ts';
import { safeName } from './safe-name.ts';
import { takenNames } from './taken-names.ts';

export const imageSets: FolderExporter = {
  id: 'image-sets',
  title: 'Pascal VOC image sets',
  extension: '',
  target: 'folder',
  absolutePaths: false,
  *entries(source, options): Generator<FolderEntry | Breath> {
    const pictures = yield* placedPictures(source, options, (taken) => {
      const unique = taken();
      return ({ row }) => {
        const name = safeName(posix.basename(row.fileName)).replaceAll(/\s/g, '_');
        const [stem, extension] = withoutExtension(name);
        // A dot within it would be taken for the extension where there is none.
        const own = unique(extension ? stem : stem.replaceAll('.', '_'));
        return `${folder}${own}${extension}`;
      };
    });
    const sets = new Map<string, ImageSet>();
    const used = new Set<number>();
    for (const placed of pictures.first()) {
      if (placed) {
        const { path, labels, split } = placed;
        const name = split ?? 'trainval';
        const set = sets.get(name) ?? { stems: packedLines(), categoryIds: numberList(), ends: numberList() };
        sets.set(name, set);
        set.stems.push(withoutExtension(path.slice(folder.length))[0]);
        for (const { categoryId } of labels) {
          used.add(categoryId!);
          set.categoryIds.push(categoryId!);
        }
        set.ends.push(set.categoryIds.length);
      }
      yield placed && { path: placed.path, picture: placed.row };
    }
    const names = setNames(source);
    for (const [split, set] of sets) {
      yield { path: `ImageSets/Main/${split}.txt`, text: lines(set) };
      for (const categoryId of used) {
        yield {
          path: `ImageSets/Main/${names.get(categoryId)!.written}_${split}.txt`,
          text: lines(set, categoryId),
        };
      }
    }
    const written = [...names.values()].map(({ written, name }) => [written, name] as const);
    yield pictureList('image-sets', written, pictures.again());
  },
};

const folder = 'JPEGImages/';

/** There are as many lists as categories, so that asking the library for each would take as many passes. */
interface ImageSet {
  /** Names without extension, in the order of the pictures. */
  stems: PackedLines;
  /** Of all pictures, one after the other. */
  categoryIds: NumberList;
  /** Where those of each picture end. */
  ends: NumberList;
}

/** Made as they are written: a list of a million at once would keep everything else waiting. */
function* lines({ stems, categoryIds, ends }: ImageSet, categoryId?: number): Generator<string> {
  let place = 0;
  let at = 0;
  for (const stem of stems) {
    let has = false;
    for (const end = ends.at(place++); at < end; at++) has ||= categoryIds.at(at) === categoryId;
    yield categoryId === undefined ? `${stem}\n` : `${stem} ${has ? ' 1' : '-1'}\n`;
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
