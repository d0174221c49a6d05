import { describe, expect, test } from 'vitest';
import { coco } from '../../../electron/engine/import/coco.ts';
import { corpusFile, inShort, readAll } from './entries.ts';

const read = async (content: string | Uint8Array | object) =>
  inShort(
    await readAll(
      coco,
      'labels.json',
      typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content),
    ),
  );
const categories = [
  { id: 1, name: 'cat' },
  { id: 2, name: 'dog' },
];

describe('hostile and odd files', () => {
  test.each([
    ['valid-min.json', ['a.png: cat']],
    ['bom.json', ['a.png: ']],
    ['bigint-id.json', ['image 1: No id that can be told from others', 'image 2: No id that can be told from others']],
    ['constructor-key.json', []],
    ['proto-key.json', []],
    ['dangling.json', ['annotation 1: Its image 99 is not in the file', 'a.png: ']],
    ['float-ids.json', ['a.png: cat']],
    ['string-ids.json', ['a.png: cat']],
    ['huge-numbers.json', ['image 1: No id that can be told from others']],
    ['lone-surrogate.json', []],
    ['nan.json', ['image 1: Not a JSON object']],
    ['xss.json', ['<img src=x onerror=window.__xss=1>: <script>window.__xss=1</script>']],
    [
      'traversal.json',
      [
        '../../etc/passwd: ',
        '/etc/passwd: ',
        String.raw`..\..\x: `,
        'file:///etc/passwd: ',
        'a/../../b.png: ',
        String.raw`C:\x.png: `,
        String.raw`\\srv\share\x.png: `,
      ],
    ],
  ])('%s is read by a stated rule', async (file, expected) => {
    expect(await read(corpusFile(`coco-import/${file}`))).toEqual(expected);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test.each([
    ['not-json.json', 'labels.json ends in the middle (character 2)'],
    ['dup-ids.json', 'labels.json gives the id 1 to two categories, cat and dog'],
    ['dup-keys.json', 'labels.json has "images" twice'],
    ['wrong-types.json', 'labels.json has something else than a list for "images"'],
    ['nulls.json', 'labels.json has no id or name for category 1'],
  ])('%s is refused with what is wrong', async (file, sentence) => {
    await expect(read(corpusFile(`coco-import/${file}`))).rejects.toMatchObject({
      code: 'input.invalid',
      message: sentence,
    });
  });

  test('what is nested too deep is refused, wherever it stands', async () => {
    const deep = '['.repeat(200_000) + ']'.repeat(200_000);
    await expect(read(deep)).rejects.toThrow('labels.json is nested deeper than 64');
    await expect(read(`{"images":[{"id":1,"file_name":"a.png","x":${deep}}]}`)).rejects.toThrow('deeper than 64');
    await expect(read(`{"info":{"x":${deep}},"images":[]}`)).rejects.toThrow('deeper than 64');
  });

  test('one broken annotation spoils no other', async () => {
    const text = `{"categories":${JSON.stringify(categories)},"images":[{"id":1,"file_name":"a.png"}],"annotations":[{"image_id":1,"category_id":1},{"image_id":1,,},{"image_id":1,"category_id":2}]}`;
    expect(await read(text)).toEqual(['annotation 2: Not a JSON object', 'a.png: cat + dog']);
  });

  test.each([
    ['a missing bracket', '{"images":[{"id":1,"file_name":"a.png"}'],
    ['a comma too many', '{"images":[{"id":1,"file_name":"a.png"},]}'],
    ['a missing comma', '{"images":[{"id":1} {"id":2}]}'],
    ['something behind the end', '{"images":[]} x'],
    ['a number alone', '17'],
    ['a member without a value', '{"images":}'],
    ['nothing but blanks', '  \n'],
  ])('%s is refused', async (_, text) => {
    await expect(read(text)).rejects.toMatchObject({ code: 'input.invalid' });
  });

  test('results without their images are refused with what is missing', async () => {
    await expect(read([{ image_id: 1, category_id: 1, bbox: [0, 0, 1, 1], score: 0.5 }])).rejects.toThrow(
      'is a COCO results file: it names images by numbers that only the COCO file of the same export explains',
    );
  });

  test('a file without images is refused', async () => {
    await expect(read({ categories, annotations: [] })).rejects.toThrow('labels.json has no list of images');
  });

  test('more categories than any dataset has are refused', async () => {
    const many = Array.from({ length: 20_001 }, (_, id) => ({ id, name: `c${id}` }));
    await expect(read({ images: [], categories: many })).rejects.toThrow('more than 20000 categories');
  });
});

describe('what the annotations say', () => {
  const images = [
    { id: 10, file_name: 'a.png' },
    { id: 20, file_name: 'b.png' },
  ];
  const annotations = [
    { image_id: 20, category_id: 2, bbox: [1, 2, 3, 4] },
    { image_id: 10, category_id: 1 },
    { image_id: 20, category_id: 1 },
    { image_id: 20, category_id: 2, bbox: [5, 6, 7, 8] },
  ];
  const expected = ['a.png: cat', 'b.png: dog + cat'];

  test.each([
    ['images first', { images, annotations, categories }],
    ['annotations first', { annotations, categories, images }],
    ['categories first', { categories, images, annotations }],
    ['images last, among other things', { info: {}, annotations, licenses: [{ id: 1 }], categories, images }],
  ])('in any order of the lists: %s', async (_, file) => {
    expect(await read(file)).toEqual(expected);
    expect(await read(JSON.stringify(file, null, 2))).toEqual(expected);
  });

  test('a score makes a prediction; the best of each category counts, best first', async () => {
    const scored = [
      { image_id: 10, category_id: 1, score: 0.2 },
      { image_id: 10, category_id: 2, score: 0.5 },
      { image_id: 10, category_id: 1, score: 0.7 },
    ];
    expect(await read({ images, annotations: scored, categories })).toEqual([
      'a.png: cat (predicted 0.7)',
      'a.png: dog (predicted 0.5)',
      'b.png: ',
    ]);
  });

  test('a decision silences predictions; attributes say which is which', async () => {
    const mixed = [
      { image_id: 10, category_id: 1, score: 0.9, attributes: { source: 'prediction', reviewed: true } },
      { image_id: 10, category_id: 2, attributes: { source: 'decision', reviewed: true } },
      { image_id: 20, category_id: 2, score: 1, attributes: { source: 'decision' } },
    ];
    expect(await read({ images, annotations: mixed, categories })).toEqual(['a.png: dog', 'b.png: dog']);
  });

  test('images that share an id are told, for an annotation might mean either', async () => {
    const file = { images: [...images, { id: '10', file_name: 'c.png' }], annotations, categories };
    expect(await read(file)).toEqual([
      'image 1: Several images of the file have its id',
      'b.png: dog + cat',
      'image 3: Several images of the file have its id',
    ]);
  });

  test('an unknown category is told, and the others of the image count', async () => {
    const file = { images, annotations: [...annotations, { image_id: 10, category_id: 9 }], categories };
    expect(await read(file)).toEqual(['image 1: Its category 9 is not in the file', ...expected]);
  });

  test('texts are ids, too', async () => {
    const file = {
      images: [{ id: 'a/b', file_name: 'a.png' }],
      annotations: [{ image_id: 'a/b', category_id: 'cat' }],
      categories: [{ id: 'cat', name: '__proto__' }],
    };
    expect(await read(file)).toEqual(['a.png: __proto__']);
  });

  test('many images with ids far apart are found', async () => {
    const many = Array.from({ length: 5000 }, (_, place) => ({ id: place * 2 ** 33 - 5, file_name: `${place}.png` }));
    const all = many.map(({ id }, place) => ({ image_id: id, category_id: (place % 2) + 1 }));
    const entries = await read({ images: many, annotations: all.toReversed(), categories });
    expect(entries).toEqual(many.map((_, place) => `${place}.png: ${place % 2 === 0 ? 'cat' : 'dog'}`));
  });
});

test('COCO is recognised by its lists', () => {
  const sureness = (text: string) =>
    coco.recognises({ path: '/x.json', name: 'x.json', isFolder: false, bytes: Buffer.from(text), text, names: [] });
  expect(sureness('{"info":{},"images":[{"id":1,"file_name":"a"')).toBeGreaterThan(0.8);
  expect(sureness('{"annotations" : [{"image_id": 3')).toBeGreaterThan(0.8);
  expect(sureness('{"classes":["a"],"labels":{}}')).toBe(0);
  expect(sureness('[{"data":{"image_id":1}}]')).toBeLessThan(0.6);
  expect(sureness('[{"category_id":1,"image_id":1}]'), 'results, to say what is missing').toBeGreaterThan(0.3);
});
