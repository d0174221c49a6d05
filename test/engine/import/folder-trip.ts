/** @file A folder of labels on its way out and back in: written by our exporter, with pictures, and read by our importer. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import type { ExportOptions, ExportRow } from '#core/export-options.ts';
import type { FileLabels } from '#core/label-import.ts';
import type { ExportCategory } from '../../../electron/engine/export/exporter.ts';
import { writeFolder } from '../../../electron/engine/export/write-folder.ts';
import { readBeginning } from '../../../electron/engine/import/beginning.ts';
import type { ImportBeginning, ImportEntry, Importer } from '../../../electron/engine/import/importer.ts';
import { dataOptions, exportSource, folderExporter, row } from '../export/source.ts';

const corpus = join(import.meta.dirname, '../../fixtures/corpus');
const read = (path: string) => JSON.parse(readFileSync(join(corpus, path), 'utf8')) as string[];
export const oddNames = read('names/names.json');
/** A category's name is never empty. */
export const oddLabels = read('labels/labels.json').filter((label) => label !== '');

/** The characters of XML 1.0. */
export function carriedByXml(text: string): boolean {
  return text.isWellFormed() && !/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/.test(text);
}

/** One black pixel. */
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==',
  'base64',
);

/** A file that is taken for a picture, another one for each text. */
export function pictureBytes(text: string): Buffer {
  return Buffer.concat([png, Buffer.from(text)]);
}

/** Write files below `home`; pictures are given by their path alone. @returns `home` */
export function put(home: string, files: Readonly<Record<string, string | null>>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text ?? pictureBytes(path));
  }
  return home;
}

export interface TripPicture {
  fileName: string;
  /** Below the home of the trip. */
  source: string;
  labels: string[];
  score: number | null;
  review: string;
}

/** A few pictures of the corpus' names in two folders, with labels of the corpus; decisions and predictions. */
export const tripPictures: fc.Arbitrary<TripPicture[]> = fc
  .uniqueArray(
    fc.record({
      name: fc.constantFrom(...oddNames),
      below: fc.constantFrom('', 'a/', 'été/b c/'),
      source: fc.constantFrom('one/photos', 'two/Photos'),
      labels: fc.uniqueArray(fc.constantFrom(...oddLabels), { maxLength: 3 }),
      decided: fc.boolean(),
    }),
    { minLength: 1, maxLength: 6, selector: ({ name, below, source }) => `${source}/${below}${name}` },
  )
  .map((pictures) =>
    pictures.map(({ name, below, source, labels, decided }, index) => ({
      fileName: below + name,
      source,
      labels,
      score: decided ? null : (index + 1) / 16,
      review: decided ? (index % 2 ? 'accepted' : 'corrected') : 'unreviewed',
    })),
  );

/** Write the pictures and an export of them. @returns where it lies */
export async function exported(
  home: string,
  format: string,
  pictures: readonly TripPicture[],
  options: Partial<ExportOptions> = {},
): Promise<{ path: string; leftOut: Set<string> }> {
  const names = [...new Set(pictures.flatMap(({ labels }) => labels))];
  const categories = names.map((name, index): ExportCategory => ({ id: index + 1, name, supercategory: '' }));
  const rows = pictures.flatMap(({ labels, ...picture }, index): ExportRow[] => {
    const source = join(home, picture.source);
    const file = join(source, picture.fileName);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, pictureBytes(file));
    const image = row({ ...picture, source, imageId: index + 1, width: 1, height: 1, score: null });
    if (labels.length === 0) return [image];
    return labels.map((label, place) => ({
      ...image,
      label,
      categoryId: names.indexOf(label) + 1,
      rank: place + 1,
      score: picture.score === null ? null : picture.score / (place + 1),
      origin: picture.score === null ? 'decision' : 'prediction',
    }));
  });
  const leftOut = new Set<string>();
  const leaveOut = ({ source, fileName }: ExportRow) => void leftOut.add(join(source, fileName));
  const source = exportSource(rows, { categories: () => categories, leaveOut });
  const path = join(home, 'export');
  const all = { ...dataOptions, ...options };
  await writeFolder(path, folderExporter(format).entries(source, all), { pictures: all.pictures ?? 'copy', leaveOut });
  return { path, leftOut };
}

export async function entriesOf(importer: Importer, path: string): Promise<ImportEntry[]> {
  const beginning: ImportBeginning = await readBeginning(path);
  const entries: ImportEntry[] = [];
  for await (const entry of importer.read(beginning, { table: null, onBytes: () => {} })) entries.push(entry);
  return entries;
}

/** Entries without those that are wrong, and without what only a person reads. */
export function labelsIn(entries: readonly ImportEntry[]): Omit<FileLabels, 'place'>[] {
  return entries
    .filter((entry): entry is FileLabels => !('invalid' in entry))
    .map(({ place, ...labels }) => {
      if (!place) throw new Error(`${labels.file} has no place`);
      return labels;
    });
}

/** In short: file, then categories; of a wrong entry where it stands and why. */
export async function told(importer: Importer, path: string): Promise<string[][]> {
  return (await entriesOf(importer, path)).map((entry) =>
    'invalid' in entry ? [entry.place, entry.invalid] : [entry.file, ...entry.categories],
  );
}
