import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openClassifier, type Classifier } from '../../../electron/engine/inference/classifier.ts';
import { openRegistry } from '../../../electron/engine/models/registry.ts';
import { nameOf, oddCopies, samplePhotos, turnedCopy } from '../../support/pictures.ts';

const photos = samplePhotos.map((photo): [string, string] => [nameOf(photo), photo]);

/** Scores closer than this are a tie, in [0, 1]. */
const tie = 0.02;

let folder: string;
let classifier: Classifier;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'odd-'));
  const registry = openRegistry([new URL('../../../models', import.meta.url).pathname]);
  const model = await registry.get((await registry.defaultId())!);
  classifier = await openClassifier(model, { threads: 1, decoders: 2, embeddings: false, provider: 'cpu' });
});
afterAll(async () => {
  await classifier[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

type Ranked = { index: number; score: number }[];

/** All categories of each picture, best first. */
async function rank(pictures: { name: string; bytes: Buffer }[]): Promise<Ranked[]> {
  const images = pictures.map(({ name, bytes }, id) => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return { id, path };
  });
  const classified = await classifier.classify(images, { topK: 1000 });
  return classified.map((image) => {
    if (!image.ok) throw new Error(`${pictures[image.id]!.name}: ${image.code} ${image.message}`);
    return image.ranked;
  });
}

/**
 * The label a picture got, unless the plain picture hardly prefers its own: then its own. Decoders differ by a level
 * here and there, which decides a tie.
 */
function labelBeside(plain: Ranked, odd: Ranked): number {
  const [best] = plain;
  const other = plain.find(({ index }) => index === odd[0]!.index);
  return best!.score - other!.score < tie ? best!.index : odd[0]!.index;
}

test.each(photos)('%s gets one label, however it is turned', async (_, photo) => {
  const pictures = await Promise.all(
    [1, 2, 3, 4, 5, 6, 7, 8].map(async (orientation) => ({
      name: `${orientation}.jpg`,
      bytes: await turnedCopy(photo, orientation),
    })),
  );
  const ranked = await rank(pictures);
  const labels = ranked.map((turned) => labelBeside(ranked[0]!, turned));

  expect(new Set(labels).size, String(labels)).toBe(1);
});

test.each(photos)(
  '%s gets the label of the plain picture, whatever its format, depth and colours',
  async (_, photo) => {
    const copies = await oddCopies(photo);
    const odd = await rank(copies);
    const plain = await rank(copies.map(({ name, plain }) => ({ name: `${name}.plain.png`, bytes: plain })));

    copies.forEach(({ name }, at) => expect.soft(labelBeside(plain[at]!, odd[at]!), name).toBe(plain[at]![0]!.index));
  },
);
