import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { imagenetLabels } from '../../../../electron/engine/models/import/imagenet.ts';
import { readLabelsFile } from '../../../../electron/engine/models/import/labels-file.ts';
import { temporaryFolder } from '../../../support/library.ts';

async function read(name: string, content: string | Buffer) {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, content);
  return readLabelsFile(path);
}
const names = async (name: string, content: string) => (await read(name, content)).map((label) => label.name);

describe('a list of labels', () => {
  test.each([
    ['one a line', 'labels.txt', 'cat\ndog\nfish\n'],
    ['one a line, from Windows', 'labels.txt', '\uFEFFcat\r\ndog\r\nfish\r\n'],
    ['numbered as PaddleClas does', 'label_list.txt', '0 cat\n1 dog\n2 fish\n'],
    ['numbered with tabs', 'label_list.txt', '0\tcat\n1\tdog\n2\tfish'],
    ['a JSON array', 'labels.json', '["cat", "dog", "fish"]'],
    ['JSON by number', 'labels.json', '{"2": "fish", "0": "cat", "1": "dog"}'],
    ["Hugging Face's config", 'config.json', '{"id2label": {"0": "cat", "1": "dog", "2": "fish"}, "label2id": {}}'],
    ["timm's config", 'config.json', '{"pretrained_cfg": {"label_names": ["cat", "dog", "fish"]}}'],
    ["FiftyOne's classes", 'labels.json', '{"classes": ["cat", "dog", "fish"], "labels": {}}'],
    ["a model folder's own", 'labels.json', '{"labels": [{"name": "cat"}, {"name": "dog"}, {"name": "fish"}]}'],
    ['CSV', 'labels.csv', 'name,note\ncat,"a, b"\ndog,\nfish,x\n'],
    ['CSV with places out of order', 'labels.csv', 'id,label\n2,fish\n0,cat\n1,dog\n'],
  ])('%s is read', async (_, name, content) => {
    expect(await names(name, content)).toEqual(['cat', 'dog', 'fish']);
  });

  test('synonyms of the PaddleClas list stay one name, commas and all', async () => {
    expect(await names('l.txt', "0 tench, Tinca tinca\n1 goldfish, Carassius auratus\n2 bird's nest")).toEqual([
      'tench, Tinca tinca',
      'goldfish, Carassius auratus',
      "bird's nest",
    ]);
  });

  test('names that begin with a number are no numbering', async () => {
    expect(await names('l.txt', '3 Series\n5 Series\n')).toEqual(['3 Series', '5 Series']);
  });

  test('WordNet ids become names with what they belong to', async () => {
    const [tench, tabby] = await read('synsets.txt', 'n01440764\nn02123045 tabby, tabby cat\n');
    expect(tench).toMatchObject({ name: 'tench', wordnetId: 'n01440764' });
    expect(tabby!.path).toContain('cat');
  });

  test('equal names are told apart by their places', async () => {
    expect(await names('l.txt', 'crane\nmaillot\ncrane\n')).toEqual(['crane (0)', 'maillot', 'crane (2)']);
  });

  test.each([
    ['an empty file', 'l.txt', '', /no labels/],
    ['a hole', 'l.txt', 'cat\n\ndog\n', /empty line 2/],
    ['broken JSON', 'l.json', '{"a":', /not JSON/],
    ['JSON of another kind', 'l.json', '{"a": 1}', /no list of labels/],
    ['numbers with a gap', 'l.json', '{"0": "a", "2": "b"}', /no list of labels/],
    ['CSV without a name column', 'l.csv', 'label,b\n,2\n', /no name at place 0/],
    ['a very long name', 'l.txt', 'x'.repeat(600), /more than 512/],
  ])('%s is refused with the reason', async (_, name, content, message) => {
    await expect(read(name, content)).rejects.toMatchObject({ code: 'model.unsupported', message });
  });

  test('bytes that are no UTF-8 are refused', async () => {
    await expect(read('l.txt', Buffer.from([0x63, 0xe9, 0x74]))).rejects.toThrow(/UTF-8/);
  });

  test('any names survive one a line', async () => {
    const name = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
      .map((text) => text.replaceAll(/[\r\n\uFEFF]/g, ' ').trim())
      .filter((text) => text !== '' && !/^[[{]|^n\d{8}\b|,/.test(text));
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(name, { minLength: 2, maxLength: 20 }), async (wanted) => {
        expect(await names('l.txt', wanted.map((text, index) => `${index} ${text}`).join('\n'))).toEqual(wanted);
      }),
      { numRuns: 100 },
    );
  });
});

describe('the ImageNet list', () => {
  const labels = imagenetLabels();

  test('has a thousand names, ids and places, all different', () => {
    expect(labels).toHaveLength(1000);
    expect(new Set(labels.map(({ name }) => name.toLowerCase())).size).toBe(1000);
    expect(new Set(labels.map(({ wordnetId }) => wordnetId)).size).toBe(1000);
  });

  test.each([
    [0, 'tench', 'n01440764'],
    [153, 'Maltese dog', 'n02085936'],
    [281, 'tabby', 'n02123045'],
    [999, 'toilet tissue', 'n15075141'],
  ])('place %i is %s', (place, name, wordnetId) => {
    expect(labels[place]).toMatchObject({ name, wordnetId });
  });
});
