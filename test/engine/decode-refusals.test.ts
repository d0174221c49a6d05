import { readdirSync, readFileSync } from 'node:fs';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { openPicture, pictureFormat } from '../../electron/engine/decode.ts';
import { cropOf, difference, outcomeOf } from '../support/decoded.ts';
import { fixture, nameOf, samplePhotos, seededRandom, truncated, withFlippedBit } from '../support/pictures.ts';

test('every file of the wrong type is refused, or is the picture its bytes say', async () => {
  const outcomes = await outcomesIn('wrong-type');

  expect(outcomes).toMatchObject({
    'elf.png': 'image.unreadable',
    'empty.jpg': 'image.unreadable',
    'fits-as-jpg.jpg': 'image.unsupported',
    'html-as-png.png': 'image.unreadable',
    'nul-4k.gif': 'image.unreadable',
    'one-byte.png': 'image.unreadable',
    'pdf-as-jpg.jpg': 'image.unsupported',
    'png-named.jpg': 'pixels',
    'png-with-html-tail.png': 'pixels',
    'svg-billion-laughs.svg': 'image.unsupported',
    'svg-external-image.png': 'image.unsupported',
    'svg-script.svg': 'image.unsupported',
    'svg-xxe.jpg': 'image.unsupported',
    'text.webp': 'image.unreadable',
    'zip.jpg': 'image.unreadable',
  });
});

test('SVG does not reach libvips even when its name is left out of the sniffing', async () => {
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="300" height="300"/>');

  await expect(openPicture(svg, 'png')).rejects.toMatchObject({ code: 'image.damaged' });
});

test('every bomb is refused or done within two seconds', async () => {
  for (const name of filesIn('bombs')) {
    const started = performance.now();
    const outcome = await outcomeOf(readFileSync(fixture('corpus', 'bombs', name)), name);
    expect.soft(performance.now() - started, `${name}: ${String(outcome).slice(0, 20)}`).toBeLessThan(2000);
  }
  expect(await outcomesIn('bombs')).toMatchObject({
    'png-20000x20000-rgb.png': 'image.too-large',
    'png-50000x50000-1bit-gray.png': 'image.too-large',
    'png-1x2000000-tall.png': 'image.extreme-shape',
    'png-2000000x1-wide.png': 'image.extreme-shape',
    'png-zero-size.png': 'image.damaged',
  });
});

test('a damaged PNG is refused unless all its pixels are there', async () => {
  const whole = await cropOf(readFileSync(fixture('corpus', 'truncated-png', 't01818.png')));

  for (const kind of ['truncated-png', 'bitflip-png']) {
    for (const name of filesIn(kind)) {
      const outcome = await outcomeOf(readFileSync(fixture('corpus', kind, name)), name);
      if (typeof outcome !== 'string') expect.soft(difference(outcome, whole), name).toBe(0);
    }
  }
  expect(await outcomesIn('truncated-png')).toMatchObject({ 't01782.png': 'image.damaged' });
});

test('crashers of libpng end in pixels or a code', async () => {
  const outcomes = await outcomesIn('libpng/crashers');

  expect(outcomes).toMatchObject({ 'badcrc.png': 'image.damaged', 'badadler.png': 'image.damaged' });
});

test('all of PngSuite is decoded', async () => {
  expect([...new Set(Object.values(await outcomesIn('libpng/pngsuite')))]).toEqual(['pixels']);
});

test('a truncated photo is refused, even where only pixels outside the crop are missing', async () => {
  for (const [at, photo] of samplePhotos.entries()) {
    const jpeg = readFileSync(photo);
    const png = await sharp(jpeg).resize(200).png().toBuffer();
    for (const bytes of [jpeg, png]) {
      const format = pictureFormat(bytes, '');
      for (const share of [0.001, 0.05, 0.2 + at / 20, 0.6, 0.9, 0.97]) {
        const outcome = await outcomeOf(truncated(bytes, share));
        expect.soft(outcome, `${nameOf(photo)} ${format} ${share}`).toMatch(/^image\./);
      }
    }
  }
});

test('a photo without its last bytes is refused unless all its pixels are there', async () => {
  const whole = await cropOf(readFileSync(samplePhotos[0]!));
  for (let missing = 1; missing <= 20; missing++) {
    const outcome = await outcomeOf(readFileSync(samplePhotos[0]!).subarray(0, -missing));
    if (typeof outcome !== 'string') expect.soft(difference(outcome, whole), `${missing} bytes`).toBe(0);
  }
});

test('a flipped bit in a PNG never changes what is labeled', async () => {
  const random = seededRandom(20261124);
  const png = await sharp(readFileSync(samplePhotos[0]!)).resize(120).png().toBuffer();
  const whole = await cropOf(png);
  for (let round = 0; round < 60; round++) {
    const outcome = await outcomeOf(withFlippedBit(png, random));
    if (typeof outcome !== 'string') expect.soft(difference(outcome, whole), `round ${round}`).toBe(0);
  }
});

test('a flipped bit in a JPEG gives pixels or a code, never anything else', async () => {
  const random = seededRandom(7);
  for (const photo of samplePhotos) {
    for (let round = 0; round < 8; round++) await outcomeOf(withFlippedBit(readFileSync(photo), random));
  }
});

test('a picture whose resized side would be endless is refused by name', async () => {
  const strip = await sharp({ create: { width: 40_000, height: 20, channels: 3, background: '#808080' } })
    .png()
    .toBuffer();

  await expect(cropOf(strip)).rejects.toMatchObject({ code: 'image.extreme-shape' });
});

test('HEIC is a picture that is not supported yet', async () => {
  const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1');

  expect(() => pictureFormat(heic, 'a.jpg')).toThrow(
    expect.objectContaining({
      code: 'image.unsupported',
      message: 'HEIC pictures are not supported yet',
      details: { kind: 'HEIC' },
    }),
  );
});

function filesIn(kind: string): string[] {
  return readdirSync(fixture('corpus', kind)).sort();
}

async function outcomesIn(kind: string): Promise<Record<string, string>> {
  const outcomes: Record<string, string> = {};
  for (const name of filesIn(kind)) {
    const outcome = await outcomeOf(readFileSync(fixture('corpus', kind, name)), name);
    outcomes[name] = typeof outcome === 'string' ? outcome : 'pixels';
  }
  return outcomes;
}
