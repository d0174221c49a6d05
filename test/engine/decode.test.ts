import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeCrop, openPicture, pictureFormat, readPicture } from '../../electron/engine/decode.ts';
import { cropOf, difference, outcomeOf } from '../support/decoded.ts';
import {
  fixture,
  nameOf,
  oddCopies,
  samplePhotos,
  seededRandom,
  truncated,
  turnedCopy,
  withFlippedBit,
} from '../support/pictures.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'decode-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('reading', () => {
  test('size, hash and bytes belong to the same read', async () => {
    const path = samplePhotos[0]!;
    const picture = await readPicture(path);

    expect(picture.bytes.equals(await readFile(path))).toBe(true);
    expect(picture.sizeBytes).toBe(picture.bytes.length);
    const sum = execFileSync('sha256sum', [path], { encoding: 'utf8' });
    expect(picture.contentHash).toBe(sum.slice(0, 32));
  });

  test.each([
    ['a missing file', () => join(folder, 'nowhere.jpg'), 'file.missing'],
    ['a file below a file', () => join(samplePhotos[0]!, 'x.jpg'), 'file.missing'],
    ['a folder', () => folder, 'file.not-regular'],
    ['a name with a NUL', () => `${folder}/a\0b.jpg`, 'file.bad-name'],
    ['a name that is too long', () => join(folder, `${'n'.repeat(300)}.jpg`), 'file.bad-name'],
    ['a device', () => '/dev/zero', 'file.not-regular'],
  ])('%s has its own code', async (_, path, code) => {
    await expect(readPicture(path())).rejects.toMatchObject({ code });
  });

  test('a symbolic link is not followed', async () => {
    const link = join(folder, 'link.jpg');
    symlinkSync(samplePhotos[0]!, link);

    await expect(readPicture(link)).rejects.toMatchObject({ code: 'file.not-regular' });
  });

  test('a named pipe without a writer does not hang', async () => {
    const pipe = join(folder, 'pipe.jpg');
    execFileSync('mkfifo', [pipe]);

    await expect(readPicture(pipe)).rejects.toMatchObject({ code: 'file.not-regular' });
  });

  test('a file beyond the limit is refused', async () => {
    await expect(readPicture(samplePhotos[0]!, { maxBytes: 1000 })).rejects.toMatchObject({ code: 'file.too-large' });
  });

  test('a file without permission says so', async () => {
    const path = join(folder, 'denied.jpg');
    writeFileSync(path, 'x', { mode: 0o000 });
    chmodSync(folder, 0o755);
    const isRoot = process.getuid?.() === 0;

    // Permissions do not bind root: become nobody for the moment.
    if (isRoot) process.seteuid?.(65534);
    try {
      await expect(readPicture(path)).rejects.toMatchObject({ code: 'file.denied' });
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });
});

describe('the crop', () => {
  test.each(samplePhotos.map((photo) => [nameOf(photo), photo]))(
    'of %s is that of torchvision',
    async (name, photo) => {
      const reference = await sharp(readFileSync(fixture('reference', `${name}.png`)))
        .raw()
        .toBuffer();

      expect(difference(await cropOf(readFileSync(photo)), reference)).toBeLessThanOrEqual(1);
    },
  );

  test('of a transparent picture lies on white', async () => {
    const clear = sharp({ create: { width: 300, height: 300, channels: 4, background: '#00000000' } });

    expect([...new Set(await cropOf(await clear.png().toBuffer()))]).toEqual([255]);
  });

  test('of an animated GIF is its first frame', async () => {
    const frames = ['#ff0000', '#0000ff'].map((background) =>
      sharp({ create: { width: 64, height: 64, channels: 3, background } })
        .png()
        .toBuffer(),
    );
    const animation = await sharp(await Promise.all(frames), { join: { animated: true } })
      .gif()
      .toBuffer();

    const crop = await cropOf(animation);
    expect([crop[0], crop[2]]).toEqual([255, 0]);
  });

  test.each(samplePhotos.slice(0, 2))('has three channels and the same look whatever the format: %s', async (photo) => {
    for (const { name, bytes, plain } of await oddCopies(photo)) {
      expect.soft(difference(await cropOf(bytes, name), await cropOf(plain)), name).toBeLessThanOrEqual(1);
    }
  });

  test.each([2, 3, 4, 5, 6, 7, 8])(
    'of a picture stored with orientation %i is that of the upright one',
    async (turn) => {
      for (const photo of samplePhotos.slice(0, 2)) {
        const upright = await cropOf(await turnedCopy(photo, 1, 'png'));
        const turned = await cropOf(await turnedCopy(photo, turn, 'png'));
        expect.soft(difference(turned, upright), nameOf(photo)).toBeLessThan(0.5);
      }
    },
  );

  test('sizes are those of the upright picture', async () => {
    const lying = await sharp(readFileSync(samplePhotos[0]!))
      .resize(40, 20)
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();

    expect(await openPicture(lying, 'jpeg')).toMatchObject({ width: 20, height: 40, format: 'jpeg' });
  });
});

describe('refusals', () => {
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
});

test('the crop rule decides the size of the output', async () => {
  const picture = await openPicture(readFileSync(samplePhotos[0]!), 'jpeg');
  const rgb = await decodeCrop(picture, { shortSide: 64, width: 48, height: 32 }, 'lanczos3');

  expect(rgb.length).toBe(48 * 32 * 3);
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
