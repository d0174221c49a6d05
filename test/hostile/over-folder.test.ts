import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fixture, samplePhotos, seededRandom, truncated, withFlippedBit } from '../support/pictures.ts';
import { labelFolder } from './over-folder.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hostile-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('the whole hostile corpus goes by without a crash or a hang, each refusal with a code', async () => {
  const report = await labelFolder(fixture('corpus'));

  expect(report).toMatchObject({ crashes: [], hangs: [] });
  expect(report.files).toBeGreaterThan(160);
  expect(report.slowest.ms).toBeLessThan(5000);
  expect([...report.refused.keys()].filter((code) => !/^(image|file)\./.test(code))).toEqual([]);
  expect(report.refused.get('image.too-large')).toContain(fixture('corpus', 'bombs', 'png-20000x20000-rgb.png'));
}, 120_000);

test('broken copies of the photos go by without a crash or a hang', async () => {
  const random = seededRandom(99);
  for (const photo of samplePhotos) {
    cpSync(photo, join(folder, basename(photo)));
    const bytes = readFileSync(photo);
    for (let round = 0; round < 6; round++) {
      writeFileSync(join(folder, `cut-${round}-${basename(photo)}`), truncated(bytes, random() * 0.97));
      writeFileSync(join(folder, `flip-${round}-${basename(photo)}`), withFlippedBit(bytes, random));
    }
  }
  const report = await labelFolder(folder);
  const labeled = report.labeled.map((path) => basename(path));

  expect(report).toMatchObject({ files: samplePhotos.length * 13, crashes: [], hangs: [] });
  expect(labeled.filter((name) => name.startsWith('cut-'))).toEqual([]);
  expect(labeled).toEqual(expect.arrayContaining(samplePhotos.map((path) => basename(path))));
}, 120_000);
