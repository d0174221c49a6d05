import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { prepare } from '../../electron/engine/inference/classify.ts';
import { openRegistry } from '../../electron/engine/models/registry.ts';
import { perceptualHash } from '../../electron/engine/perceptual-hash.ts';
import { temporaryFolder } from '../support/library.ts';
import { samplePhotos, turnedCopy } from '../support/pictures.ts';

const distance = (a: Uint8Array, b: Uint8Array) =>
  a.reduce((sum, byte, at) => sum + (byte ^ b[at]!).toString(2).replaceAll('0', '').length, 0);

const registry = openRegistry([new URL('../../models', import.meta.url).pathname]);
const { manifest } = await registry.get((await registry.defaultId())!);

async function hashOf(path: string): Promise<Uint8Array> {
  const { facts, refused } = await prepare({ id: 1, path }, manifest);
  expect(refused).toBeNull();
  return facts.perceptualHash!;
}

test('copies of a photo in another size, quality, brightness, without colour or turned by EXIF differ in few bits', async () => {
  const folder = temporaryFolder();
  for (const photo of samplePhotos.slice(0, 4)) {
    const own = await hashOf(photo);
    const bytes = readFileSync(photo);
    const { width } = (await sharp(bytes).metadata()).autoOrient;
    const base = () => sharp(bytes).autoOrient();
    const copies = [
      await base().jpeg({ quality: 40 }).toBuffer(),
      await base()
        .resize(Math.round(width / 2))
        .png()
        .toBuffer(),
      await base().modulate({ brightness: 0.7 }).jpeg().toBuffer(),
      await base().greyscale().jpeg().toBuffer(),
      await turnedCopy(photo, 6),
    ];
    for (const [at, copy] of copies.entries()) {
      const path = join(folder, `${at}.jpg`);
      writeFileSync(path, copy);
      expect(distance(own, await hashOf(path)), `${photo} ${at}`).toBeLessThanOrEqual(8);
    }
  }
});

test('different photos differ in many bits', async () => {
  const hashes = await Promise.all(samplePhotos.map(hashOf));
  const distances = hashes.flatMap((a, at) => hashes.slice(at + 1).map((b) => distance(a, b)));
  expect(Math.min(...distances)).toBeGreaterThan(12);
});

test('any size from one pixel on has 8 bytes, the same for one colour whatever it is', () => {
  const hashes = [
    perceptualHash(new Uint8Array(3).fill(7), 1, 1),
    perceptualHash(new Uint8Array(33 * 500 * 3).fill(255), 33, 500),
    perceptualHash(new Uint8Array(224 * 224 * 3), 224, 224),
  ];
  expect(hashes.map(({ length }) => length)).toEqual([8, 8, 8]);
  expect(distance(hashes[2]!, new Uint8Array(8))).toBe(0);
});
