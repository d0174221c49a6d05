import fc from 'fast-check';
import { expect, test } from 'vitest';
import { coco } from '../../../electron/engine/export/coco.ts';
import { brokenRules, parseCoco } from './coco-rules.ts';
import { anyRows, carried } from './any-rows.ts';
import { dataOptions, exportSource, mixedRows, row } from './source.ts';

const text = (rows = mixedRows, more = {}) => [...coco.write(exportSource(rows, more), dataOptions)].join('');

test('mixed rows give the golden file', async () => {
  await expect(text()).toMatchFileSnapshot('../../fixtures/golden/mixed.json');
});

test('the golden file breaks no rule of its readers', () => {
  expect(brokenRules(parseCoco(text()))).toEqual([]);
});

test('the rules notice a file without annotations that point somewhere', () => {
  const file = parseCoco(text());
  file.images.pop();
  file.annotations[0]!.image_id = 99;
  expect(brokenRules(file)).toContain('an annotation belongs to an image of the file');
});

test('annotations is a list even when nothing is labeled', () => {
  const file = parseCoco(text([row({ imageId: 1 })]));
  expect(file.annotations).toEqual([]);
  expect(file.images).toHaveLength(1);
});

test('an empty dataset is a complete file', () => {
  expect(brokenRules(parseCoco(text([], { folders: [], categories: () => [] })))).toEqual([]);
});

test('pictures of unknown size are listed apart, with their labels', () => {
  const file = parseCoco(text()) as unknown as { images_without_size: object[]; images: { file_name: string }[] };
  expect(file.images.map(({ file_name }) => file_name)).not.toContain('by-hand.heic');
  expect(file.images_without_size).toMatchObject([
    { file_name: 'broken "one".jpg', error: 'image.damaged' },
    { file_name: 'by-hand.heic', category_id: 1, attributes: { source: 'decision', reviewed: true } },
  ]);
});

test('equal paths of several folders stay apart by the name of the folder', () => {
  const sources = ['/a/photos', '/b/Photos', '/photos-2', '/'];
  const file = parseCoco(
    text(sources.map((source, index) => row({ imageId: index + 1, source, fileName: 'x/1.jpg' }))),
  );
  expect(file.images.map(({ file_name }) => file_name)).toEqual([
    'photos/x/1.jpg',
    'Photos-2/x/1.jpg',
    'photos-2-2/x/1.jpg',
    'root/x/1.jpg',
  ]);
});

test('any rows give a file that breaks no rule and keeps names, labels and scores', () => {
  fc.assert(
    fc.property(anyRows, (rows) => {
      const file = parseCoco(text(rows));
      expect(brokenRules(file)).toEqual([]);

      const sized = rows.filter(({ width }) => width !== null);
      const many = new Set(rows.map(({ source }) => source)).size > 1;
      const labels = file.annotations.map((annotation) => ({
        name: file.images[annotation.image_id - 1]!.file_name.replace(many ? /^[^/]*\// : '', ''),
        label: file.categories[annotation.category_id - 1]!.name,
        score: annotation.score ?? null,
      }));
      expect(labels).toEqual(
        sized
          .filter(({ label }) => label !== '')
          .map(({ fileName, label, score }) => ({
            name: carried(fileName),
            label,
            score: score === null ? null : Number(score.toFixed(6)),
          })),
      );
    }),
  );
});
