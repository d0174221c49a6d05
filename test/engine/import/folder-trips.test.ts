import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { importerFor } from '../../../electron/engine/import/index.ts';
import { recognise, readBeginning } from '../../../electron/engine/import/beginning.ts';
import { entriesOf, exported, labelsIn, oddLabels, oddNames, tripPictures, type TripPicture } from './folder-trip.ts';

const formats = ['class-folders', 'image-lists', 'image-sets', 'imagefolder', 'labelme-flags', 'cvat-imagenet'];
const split = { train: 0.5, val: 0.25, test: 0.25, seed: 1 };

/** What an importer should say of the pictures. */
function expected(home: string, pictures: readonly TripPicture[]) {
  return pictures.map(({ fileName, source, labels, score, review }) => {
    const isPredicted = labels.length > 0 && score !== null;
    return {
      file: fileName,
      folder: join(home, source),
      categories: labels.map((label) => label.toWellFormed()),
      review: review === 'unreviewed' ? null : review,
      predicted: isPredicted,
      score: isPredicted ? score : null,
    };
  });
}

const order = (entries: readonly { file: string; folder?: string }[]) =>
  entries.toSorted((a, b) => (`${a.folder}/${a.file}` < `${b.folder}/${b.file}` ? -1 : 1));

async function roundTrip(format: string, pictures: TripPicture[], isSplit: boolean) {
  const home = mkdtempSync(join(tmpdir(), 'labelwright-trip-'));
  try {
    const { path, leftOut } = await exported(home, format, pictures, { split: isSplit ? split : null });
    expect(recognise(await readBeginning(path))?.importer.id).toBe(format);
    const entries = await entriesOf(importerFor(format), path);
    expect(entries.filter((entry) => 'invalid' in entry)).toEqual([]);
    const found = labelsIn(entries).map(({ picture, ...labels }) => {
      expect(readFileSync(picture!)).toEqual(readFileSync(join(labels.folder!, labels.file)));
      return labels;
    });
    const kept = expected(home, pictures).filter(({ file, folder }) => !leftOut.has(join(folder, file)));
    expect(order(found)).toEqual(order(kept));
  } finally {
    rmSync(home, { recursive: true });
  }
}

test.each(formats)('%s: what was exported comes back, whatever pictures and labels are called', async (format) => {
  await fc.assert(
    fc.asyncProperty(tripPictures, fc.boolean(), (pictures, isSplit) => roundTrip(format, pictures, isSplit)),
    { numRuns: 15 },
  );
});

test.each(formats)('%s: every odd name and every odd label comes back', async (format) => {
  const pictures = Array.from({ length: Math.max(oddNames.length, oddLabels.length) }, (_, index): TripPicture => {
    const label = oddLabels[index % oddLabels.length]!;
    const source = index < oddNames.length ? 'one' : 'two';
    return { fileName: oddNames[index % oddNames.length]!, source, labels: [label], score: null, review: 'corrected' };
  });
  await roundTrip(format, pictures, false);
});
