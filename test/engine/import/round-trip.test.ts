import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FileLabels } from '#core/label-import.ts';
import type { ExportRow } from '#core/export-options.ts';
import type { ExportCategory } from '../../../electron/engine/export/exporter.ts';
import { joinEntries } from '../../../electron/engine/import/join-entries.ts';
import { importerFor } from '../../../electron/engine/import/index.ts';
import type { ImportEntry } from '../../../electron/engine/import/importer.ts';
import { dataOptions, exportSource, fileExporter, row, spreadsheetOptions } from '../export/source.ts';
import { corpusTexts, withFile } from './entries.ts';

/** As categories are named: something to see, at most 512 letters, no blanks at the ends. */
const labels = [
  ...new Set([...corpusTexts('labels').map((label) => label.trim()), "'=x", "''-", 'a|b', '{"choices":["x"]}']),
].filter((label) => label !== '' && label.length <= 512 && !label.includes('\0') && label.isWellFormed());
const categories: ExportCategory[] = labels.map((name, place) => ({ id: place + 1, name, supercategory: '' }));
const names = [...corpusTexts('names'), "'=1.png", "'x.png", 'sub/a.jpg', 'spring/a.jpg', 'photo.jpg.png'];

const score = fc.integer({ min: 0, max: 1_000_000 }).map((millionths) => millionths / 1e6);
const anyPicture = fc.record({
  fileName: fc.constantFrom(...names),
  source: fc.constantFrom('/a/photos', '/b/photos', '/c/=Photos'),
  kind: fc.constantFrom('decided', 'predicted', 'nothing', 'unsure'),
  review: fc.constantFrom('accepted', 'corrected'),
  labels: fc.uniqueArray(fc.record({ category: fc.constantFrom(...categories), score }), {
    minLength: 1,
    maxLength: 3,
    selector: ({ category }) => category.id,
  }),
});
type Picture = typeof anyPicture extends fc.Arbitrary<infer T> ? T : never;

/** Equal names of one folder are one picture. */
const anyPictures = fc.uniqueArray(anyPicture, {
  minLength: 1,
  maxLength: 12,
  selector: ({ source, fileName }) => `${source}/${fileName}`,
});

function rowsOf(pictures: readonly Picture[]): ExportRow[] {
  return pictures.flatMap((picture, index) => {
    const { fileName, source, kind } = picture;
    const review = kind === 'decided' ? picture.review : kind === 'unsure' ? 'unsure' : 'unreviewed';
    const base = row({ imageId: index + 1, fileName, source, review });
    if (kind === 'nothing' || kind === 'unsure') return [base];
    return ranked(picture).map(({ category, score }, place) => ({
      ...base,
      categoryId: category.id,
      label: category.name,
      rank: place + 1,
      score: kind === 'decided' ? null : score,
      origin: kind === 'decided' ? ('decision' as const) : ('prediction' as const),
    }));
  });
}

/** As a library gives them: the best prediction first. */
function ranked({ kind, labels }: Picture) {
  return kind === 'decided' ? labels : labels.toSorted((a, b) => b.score - a.score);
}

interface Said {
  file: string;
  folder?: string | undefined;
  categories: string[];
  predicted: boolean;
  score: number | null;
  review?: string | null | undefined;
}

interface Way {
  /** Of the importer, where it is not that of the exporter. */
  reader?: string;
  options?: typeof dataOptions;
  /** What the format says of a picture; undefined: it leaves it out. */
  file: (picture: Picture, folders: readonly string[]) => string;
  folder?: true;
  review?: true;
}

const plain = ({ fileName }: Picture) => fileName.toWellFormed();
/** The folder's own name before the path, as the exporters of those formats write it. */
function prefixed({ source, fileName }: Picture, folders: readonly string[]): string {
  const base = source.slice(source.lastIndexOf('/') + 1);
  const before = folders
    .slice(0, folders.indexOf(source))
    .filter((folder) => folder.toLowerCase().endsWith(`/${base}`.toLowerCase()));
  return `${base}${before.length > 0 ? `-${before.length + 1}` : ''}/${fileName.toWellFormed()}`;
}
const withoutExtension = (path: string) => path.replace(/(?<=[^/.][^/]*)\.[^/.]*$/, '');

const ways: Record<string, Way> = {
  csv: { file: plain, folder: true, review: true },
  'csv-scores': { reader: 'csv', file: plain, folder: true, review: true },
  'csv for spreadsheets': { options: spreadsheetOptions, file: plain, folder: true, review: true },
  jsonl: { file: plain, folder: true, review: true },
  coco: { file: plain, folder: true },
  fiftyone: {
    file: (picture, folders) => withoutExtension(folders.length < 2 ? plain(picture) : prefixed(picture, folders)),
  },
  'label-studio': { file: prefixed, review: true },
};

async function readBack(format: string, text: string, reader = format): Promise<ImportEntry[]> {
  const importer = importerFor(reader);
  const extension = fileExporter(format).extension;
  return withFile(`labels.${extension}`, text, async (beginning) => {
    expect(importer.recognises(beginning), 'recognised').toBeGreaterThanOrEqual(0.5);
    const reading = importer.read(beginning, { table: null, onBytes: () => {} });
    const entries: ImportEntry[] = [];
    for await (const entry of joinEntries(reading)) entries.push(entry);
    return entries;
  });
}

test.each(Object.entries(ways))('%s: what is exported is read back, whatever it is called', async (name, way) => {
  const format = name.split(' ')[0]!;
  await fc.assert(
    fc.asyncProperty(anyPictures, async (pictures) => {
      const leftOut = new Set<number>();
      const source = exportSource(rowsOf(pictures), {
        categories: () => categories,
        leaveOut: ({ imageId }) => leftOut.add(imageId),
      });
      const text = [...fileExporter(format).write(source, way.options ?? dataOptions)].join('');
      const entries = await readBack(format, text, way.reader);
      const expected = pictures
        .filter((_, index) => !leftOut.has(index + 1))
        .map((picture): Said => {
          const isLabeled = picture.kind === 'decided' || picture.kind === 'predicted';
          const labeled = isLabeled ? ranked(picture) : [];
          return {
            file: way.file(picture, source.folders),
            folder: way.folder ? picture.source : undefined,
            categories: labeled.map(({ category }) => category.name),
            predicted: picture.kind === 'predicted',
            score: picture.kind === 'predicted' ? labeled[0]!.score : null,
            review: !way.review ? null : reviewOf(picture),
          };
        });
      expect(sorted(entries.map((entry) => short(entry as FileLabels)))).toEqual(sorted(expected));
    }),
    { numRuns: 40 },
  );
});

function reviewOf({ kind, review }: Picture): string {
  return kind === 'decided' ? review : kind === 'unsure' ? 'unsure' : 'unreviewed';
}

function short({ file, folder, categories, predicted, score, review }: FileLabels): Said {
  return { file, folder, categories, predicted, score, review };
}

/** Objects put keys like '7' first, so the order of a JSON object says nothing. */
function sorted(said: Said[]): Said[] {
  const key = (one: Said) => JSON.stringify([one.folder, one.file]);
  return said.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}
