import sharp, { type Sharp } from 'sharp';
import { expect, test } from 'vitest';
import { bitCount } from '../../../electron/engine/learn/bits.ts';
import { duplicateGroups, type HashedRow } from '../../../electron/engine/learn/duplicates.ts';
import { hammingDistance, hashSide, perceptualHash } from '../../../electron/engine/learn/perceptual-hash.ts';
import { samplePhotos } from '../../support/pictures.ts';

async function hashOf(picture: Sharp): Promise<Uint8Array> {
  const small = await picture.rotate().toBuffer();
  const grey = sharp(small).greyscale().resize(hashSide, hashSide, { fit: 'fill' });
  return perceptualHash(new Uint8Array(await grey.raw().toBuffer()));
}

const none = { values: new Float32Array(), rows: 0, width: 4 };

test('bits are counted', () => {
  expect([0, 1, 0xff, 0b1010, 0xffffffff].map(bitCount)).toEqual([0, 1, 8, 2, 32]);
});

test('copies in another size, quality or brightness are found, other photos and turned ones are not', async () => {
  const pictures: HashedRow[] = [];
  for (const [index, path] of samplePhotos.entries()) {
    const variants = [
      sharp(path),
      sharp(path).resize(300).jpeg({ quality: 40 }),
      sharp(path).modulate({ brightness: 1.1 }).png(),
    ];
    for (const [copy, variant] of variants.entries()) {
      pictures.push({ imageId: index * 10 + copy, bits: await hashOf(variant), row: -1 });
    }
    pictures.push({ imageId: index * 10 + 5, bits: await hashOf(sharp(path).rotate(90)), row: -1 });
  }
  const groups = duplicateGroups(pictures, none);
  expect(groups).toEqual(samplePhotos.map((_, index) => [index * 10, index * 10 + 1, index * 10 + 2]));
});

test('bits that agree do not suffice where embeddings differ', () => {
  const bits = new Uint8Array(8).fill(0b1010_0101);
  const features = { values: Float32Array.from([1, 0, 1, 0.1, 0, 1]), rows: 3, width: 2 };
  const pictures = [0, 1, 2].map((row) => ({ imageId: row + 1, bits, row }));
  expect(duplicateGroups(pictures, features)).toEqual([[1, 2]]);
});

test('frames whose bits differ more are one burst when their embeddings agree almost perfectly', () => {
  const bits = new Uint8Array(8);
  const moved = Uint8Array.from([0, 0, 0xff, 0x0f, 0, 0, 0, 0]);
  expect(hammingDistance(bits, moved)).toBe(12);
  const pictures = [bits, moved].map((own, row) => ({ imageId: row + 1, bits: own, row }));
  const rows = (angle: number) => ({ values: Float32Array.from([1, 0, 1, angle]), rows: 2, width: 2 });
  expect(duplicateGroups(pictures, rows(0.1))).toEqual([[1, 2]]);
  expect(duplicateGroups(pictures, rows(1))).toEqual([]);
});
