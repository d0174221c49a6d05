import { expect, test } from 'vitest';
import { labelStudio } from '../../../electron/engine/import/label-studio.ts';
import { inShort, readAll } from './entries.ts';

const read = async (content: unknown) =>
  inShort(await readAll(labelStudio, 'export.json', typeof content === 'string' ? content : JSON.stringify(content)));
const choice = (...choices: string[]) => ({ from_name: 'kind', to_name: 'photo', type: 'choices', value: { choices } });
const task = (image: string, more: object) => ({ id: 1, data: { image }, ...more });

test('the last annotation that was not cancelled counts, with the choices of all controls', async () => {
  const annotations = [
    { result: [choice('old')] },
    { result: [choice('cat', 'wet'), { ...choice('day'), from_name: 'light' }, choice('cat')], was_cancelled: false },
    { result: [choice('no')], was_cancelled: true },
  ];
  expect(await read([task('a.jpg', { annotations, predictions: [{ score: 0.5, result: [choice('dog')] }] })])).toEqual([
    'a.jpg: cat + wet + day',
  ]);
});

test('predictions count where there is no annotation, best first', async () => {
  const predictions = [
    { score: 0.2, result: [choice('dog')] },
    { score: 0.9, result: [choice('cat')] },
    { result: [choice('cow')] },
  ];
  expect(await read([task('a.jpg', { annotations: [], predictions })])).toEqual([
    'a.jpg: cat (predicted 0.9)',
    'a.jpg: dog (predicted 0.2)',
    'a.jpg: cow (predicted null)',
  ]);
});

test('a task that everybody passed over is skipped, an empty annotation says nothing', async () => {
  expect(
    await read([
      task('a.jpg', { annotations: [{ result: [choice('x')], was_cancelled: true }] }),
      task('b.jpg', { annotations: [{ result: [] }] }),
      task('c.jpg', { completions: [{ result: [choice('older version')] }] }),
    ]),
  ).toEqual(['a.jpg:  (skipped)', 'b.jpg: ', 'c.jpg: older version']);
});

test('boxes are no labels of the picture', async () => {
  const box = { type: 'rectanglelabels', value: { rectanglelabels: ['nose'] } };
  expect(await read([task('a.jpg', { annotations: [{ result: [box, choice('dog')] }] })])).toEqual(['a.jpg: dog']);
});

test('JSON-MIN has the labels beside the data', async () => {
  const more = { id: 1, annotator: 1, annotation_id: 2, created_at: '2024-01-01', lead_time: 1.5 };
  expect(
    await read([
      { image: '/data/upload/3/0a1b2c3d-a.jpg', kind: { choices: ['cat', 'dog'] }, ...more },
      { image: 'b.jpg', choice: 'cow', caption: 'a cow', ...more },
      { image: 'c.jpg', animal: 'ewe', ...more },
      { image: 'd.jpg', ...more },
    ]),
  ).toEqual(['a.jpg: cat + dog', 'b.jpg: cow', 'c.jpg: ewe', 'd.jpg: ']);
});

test.each([
  ['/data/local-files/?d=photos/a%20b%2C%E2%9C%93.jpg', 'photos/a b,✓.jpg'],
  ['http://localhost:8080/data/local-files/?d=photos/a.jpg', 'photos/a.jpg'],
  ['/data/local-files/?d=photos/100%.jpg', 'photos/100%.jpg'],
  ['/data/upload/12/0a1b2c3d-IMG_1.jpg', 'IMG_1.jpg'],
  ['/data/upload/0a1b2c3d-IMG-1.jpg', 'IMG-1.jpg'],
  ['/data/upload/12/summer-IMG.jpg', 'summer-IMG.jpg'],
  ['deadbeef-not-uploaded.jpg', 'deadbeef-not-uploaded.jpg'],
  ['s3://bucket/2024/a.jpg', '2024/a.jpg'],
  ['https://host/x/a%20b.jpg?sig=1', 'x/a b.jpg'],
  ['../../etc/passwd.jpg', '../../etc/passwd.jpg'],
])('the picture at %s is %s', async (address, file) => {
  expect(await read([task(address, { annotations: [{ result: [choice('x')] }] })])).toEqual([`${file}: x`]);
});

test('the picture is found under any key of the data', async () => {
  const data = { note: 'a note', photo: '/data/local-files/?d=a.jpg' };
  expect(await read([{ data, annotations: [{ result: [choice('x')] }] }])).toEqual(['a.jpg: x']);
});

test('what is no task is told, and an object instead of a list is refused', async () => {
  expect(await read([null, 3, { data: { text: 'no picture' } }])).toEqual([
    'task 1: Not a JSON object',
    'task 2: Not a JSON object',
    'task 3: Nothing in its data looks like a picture',
  ]);
  await expect(read({ data: [] })).rejects.toThrow('export.json is an object; Label Studio exports a list');
});

test('it is recognised by its tasks', () => {
  const sureness = (text: string) =>
    labelStudio.recognises({
      path: '/x.json',
      name: 'x.json',
      isFolder: false,
      bytes: Buffer.from(text),
      text,
      names: [],
    });
  expect(sureness('[{"id":1,"data":{"image":"x"},"annotations":[')).toBeGreaterThan(0.8);
  expect(sureness('[{"image":"x","annotator":1}]')).toBeGreaterThan(0.8);
  expect(sureness('[{"image_id":1,"bbox":[]}]')).toBe(0);
});
