import { expect, test } from 'vitest';
import { fiftyone } from '../../../electron/engine/import/fiftyone.ts';
import { inShort, readAll } from './entries.ts';

const all = (content: string | object) =>
  readAll(fiftyone, 'labels.json', typeof content === 'string' ? content : JSON.stringify(content));
const read = async (content: string | object) => inShort(await all(content));

test('with classes labels are numbers, lists, null and objects', async () => {
  const classes = ['cat', 'dog'];
  const labels = {
    a: 0,
    b: [1, 0, 1],
    c: null,
    d: { label: 1, confidence: 0.9 },
    e: { label: 0, attributes: { reviewed: true } },
    f: [],
  };
  const expected = ['a: cat', 'b: dog + cat', 'c: ', 'd: dog (predicted 0.9)', 'e: cat', 'f: '];
  expect(await read({ classes, labels })).toEqual(expected);
  expect(await read({ labels, classes }), 'classes behind the labels').toEqual(expected);
});

test('without classes labels are names', async () => {
  const labels = { 'sub/a': 'cat', b: ['x', 'y'], c: { label: 'z', confidence: 0.5 } };
  const expected = ['sub/a: cat', 'b: x + y', 'c: z (predicted 0.5)'];
  expect(await read({ labels })).toEqual(expected);
  expect(await read({ classes: null, labels })).toEqual(expected);
});

test('names lack their extension unless they have one', async () => {
  expect(await all({ labels: { 'sub/a': 'cat', 'b.jpg': 'dog' } })).toEqual([
    {
      file: 'sub/a',
      withoutExtension: true,
      categories: ['cat'],
      review: null,
      predicted: false,
      score: null,
      place: 'label 1',
    },
    { file: 'b.jpg', categories: ['dog'], review: null, predicted: false, score: null, place: 'label 2' },
  ]);
});

test('a wrong label is told and spoils no other', async () => {
  expect(await read({ classes: ['cat'], labels: { a: 7, b: 0.5, c: true, d: {}, e: [0, -1], f: 0, ' ': 0 } })).toEqual([
    'label 1: There is no class 7; the file has 1',
    'label 2: There is no class 0.5; the file has 1',
    'label 3: The label is neither a number of a class nor a name',
    'label 4: The label is neither a number of a class nor a name',
    'label 5: There is no class -1; the file has 1',
    'f: cat',
    'label 7: No picture is named',
  ]);
});

test('__proto__ is a name like others', async () => {
  expect(await read('{"classes":["__proto__"],"labels":{"__proto__":0,"constructor":0}}')).toEqual([
    '__proto__: __proto__',
    'constructor: __proto__',
  ]);
});

test.each([
  ['no labels', '{"classes":[]}', 'labels.json has no "labels"'],
  ['a list of labels', '{"labels":[]}', 'labels.json has something else than an object for "labels"'],
  ['labels twice', '{"labels":{},"labels":{}}', 'labels.json has "labels" twice'],
  ['a class that is no name', '{"classes":["a",3],"labels":{}}', 'labels.json has no name for class 1'],
  ['half a file', '{"labels":{"a":', 'labels.json ends in the middle'],
])('%s is refused', async (_, text, sentence) => {
  await expect(read(text)).rejects.toThrow(sentence);
});

test('it is recognised by its classes and labels', () => {
  const sureness = (text: string) =>
    fiftyone.recognises({
      path: '/x.json',
      name: 'x.json',
      isFolder: false,
      bytes: Buffer.from(text),
      text,
      names: [],
    });
  expect(sureness('{\n"classes": ["a"],\n"labels": {')).toBeGreaterThan(0.9);
  expect(sureness('{"labels":{"a":"cat"}}')).toBeGreaterThan(0.7);
  expect(sureness('{"images":[],"annotations":[]}')).toBe(0);
});
