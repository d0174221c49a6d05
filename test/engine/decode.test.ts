import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeCrop, openPicture, readPicture } from '../../electron/engine/decode.ts';
import { cropOf, difference } from '../support/decoded.ts';
import { fixture, nameOf, oddCopies, samplePhotos, turnedCopy } from '../support/pictures.ts';

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

test('the crop rule decides the size of the output', async () => {
  const picture = await openPicture(readFileSync(samplePhotos[0]!), 'jpeg');
  const rgb = await decodeCrop(picture, { shortSide: 64, width: 48, height: 32 }, 'lanczos3');

  expect(rgb.length).toBe(48 * 32 * 3);
});
