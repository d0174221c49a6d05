import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { recognise } from '../../../electron/engine/import/beginning.ts';
import { withFile } from './entries.ts';

const golden = (file: string) => readFileSync(join(import.meta.dirname, '../../fixtures/golden', file), 'utf8');
const task = (result: object) =>
  JSON.stringify([{ id: 1, annotations: [result], data: { image: '/data/upload/1/a.jpg' } }], null, 2);

test.each([
  ['our CSV', 'labels.csv', golden('mixed.csv'), 'csv'],
  ['our CSV for spreadsheets', 'labels.csv', golden('mixed-spreadsheet.csv'), 'csv'],
  ['our CSV saved as text', 'labels.txt', golden('mixed.csv'), 'csv'],
  ['our JSON Lines', 'labels.jsonl', golden('mixed.jsonl'), 'jsonl'],
  ['our COCO', 'labels.json', golden('mixed.json'), 'coco'],
  ['our COCO results, to be refused', 'labels.json', golden('mixed.coco-results.json'), 'coco'],
  ['our FiftyOne labels', 'labels.json', golden('mixed.fiftyone.json'), 'fiftyone'],
  ['our Label Studio tasks', 'labels.json', golden('mixed.label-studio.json'), 'label-studio'],
  ['an export of Label Studio', 'project-1.json', task({ result: [] }), 'label-studio'],
  [
    'COCO of Roboflow',
    '_annotations.coco.json',
    '{"info":{"year":"2024"},"licenses":[],"categories":[{"id":0,"name":"x"}],"images":[{"id":0,"file_name":"a.jpg"}],"annotations":[]}',
    'coco',
  ],
  ['classes of Roboflow', '_classes.csv', 'filename, cat, dog\na.jpg, 1, 0\n', 'csv'],
  ['a table with tabs', 'labels.tsv', 'image\tclass\na.jpg\tcat\n', 'csv'],
  [
    'metadata of Hugging Face',
    'metadata.jsonl',
    '{"file_name": "a.jpg", "label": 1}\n{"file_name": "b.jpg", "label": 0}\n',
    'jsonl',
  ],
])('%s is recognised among all formats', async (_, name, text, format) => {
  const best = await withFile(name, text, (beginning) => Promise.resolve(recognise(beginning)));
  expect(best?.importer.id).toBe(format);
});

test.each([
  ['prose', 'letter.txt', 'Dear friend,\nhere are the photos.\n'],
  ['settings', 'package.json', '{"name":"x","version":"1.0.0"}'],
  ['a list of numbers', 'numbers.json', '[1,2,3]'],
])('%s is hardly taken for labels', async (_, name, text) => {
  const best = await withFile(name, text, (beginning) => Promise.resolve(recognise(beginning)));
  expect(best?.sureness ?? 0).toBeLessThanOrEqual(0.3);
});
