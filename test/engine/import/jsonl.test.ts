import { expect, test } from 'vitest';
import { jsonl } from '../../../electron/engine/import/jsonl.ts';
import { inShort, readAll } from './entries.ts';

const read = async (...lines: (string | object)[]) => {
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
  return inShort(await readAll(jsonl, 'labels.jsonl', text));
};

test('each line is a picture with its labels, as our own exports have them', async () => {
  const decided = { label: 'cat', score: null, rank: 1, origin: 'decision' };
  const guessed = { label: 'dog', score: 0.8, rank: 1, origin: 'prediction' };
  expect(
    await read(
      { file_name: 'a.jpg', source: '/p', review: 'accepted', labels: [decided, { ...decided, label: 'wet' }] },
      {
        file_name: 'b.jpg',
        source: '/p',
        review: 'unreviewed',
        labels: [guessed, { ...guessed, label: 'cow', score: 0.1 }],
      },
      { file_name: 'c.jpg', source: '/p', review: 'unsure', labels: [guessed] },
      { file_name: 'd.jpg', source: '/p', review: 'corrected', labels: [guessed, decided] },
      { file_name: 'e.jpg', source: '/p', review: 'unreviewed', labels: [] },
    ),
  ).toEqual([
    'a.jpg: cat + wet (accepted)',
    'b.jpg: dog (predicted 0.8, unreviewed)',
    'b.jpg: cow (predicted 0.1, unreviewed)',
    'c.jpg:  (unsure)',
    'd.jpg: cat (corrected)',
    'e.jpg:  (unreviewed)',
  ]);
});

test('labels of metadata.jsonl are texts, lists of texts or numbers', async () => {
  expect(
    await read(
      { file_name: 'a.jpg', label: 'cat', labels: ['cat', 'wet'], score: null },
      { file_name: 'b.jpg', label: 'cat', score: 0.5 },
      { file_name: 'c.jpg', label: 3 },
      { image: 'd.jpg', tags: ['x', 'y'] },
      { file_name: 'e.jpg', label: null },
    ),
  ).toEqual(['a.jpg: cat + wet', 'b.jpg: cat (predicted 0.5)', 'c.jpg: 3', 'd.jpg: x + y', 'e.jpg: ']);
});

test('a wrong line is told by its number and spoils no other', async () => {
  expect(
    await read(
      '{"file_name":"a.jpg","label":"cat"}',
      '',
      '[1]',
      '{broken',
      { label: 'x' },
      { file_name: 'b.jpg', label: [{}] },
      '{"file_name":"c.jpg","label":"dog"}',
    ),
  ).toEqual([
    'a.jpg: cat',
    'line 3: Not a JSON object',
    'line 4: Not a JSON object',
    'line 5: No picture is named',
    'line 6: Its labels are neither texts nor objects with a label',
    'c.jpg: dog',
  ]);
});

test('__proto__ is a name like others', async () => {
  expect(await read('{"__proto__":{"file_name":"x.jpg"},"file_name":"a.jpg","label":"__proto__"}')).toEqual([
    'a.jpg: __proto__',
  ]);
});

test('CRLF and a byte order mark do no harm', async () => {
  expect(await read('\ufeff{"file_name":"a.jpg","label":"cat"}\r', '{"file_name":"b.jpg","label":"dog"}\r')).toEqual([
    'a.jpg: cat',
    'b.jpg: dog',
  ]);
});

test('JSON Lines are recognised by their first line', () => {
  const sureness = (name: string, text: string) =>
    jsonl.recognises({ path: `/${name}`, name, isFolder: false, bytes: Buffer.from(text), text, names: [] });
  expect(sureness('a.jsonl', '{"file_name":"a.jpg"}\n')).toBeGreaterThan(0.8);
  expect(sureness('a.json', '{"file_name":"a.jpg"}\n{"file_name":"b.jpg"}\n')).toBeGreaterThan(0.5);
  expect(sureness('a.json', '{"images":[]}')).toBe(0);
  expect(sureness('a.csv', 'file,label\n')).toBe(0);
});

test('long lines are read whole, an endless one is refused', async () => {
  const long = { file_name: 'a.jpg', label: 'cat', note: 'x'.repeat(1_000_000) };
  expect(await read(long, { file_name: 'b.jpg', label: 'dog' })).toEqual(['a.jpg: cat', 'b.jpg: dog']);
  await expect(read('{}', `{"x":"${'x'.repeat(16_100_000)}`)).rejects.toThrow('Line 2 of labels.jsonl is longer than');
});
