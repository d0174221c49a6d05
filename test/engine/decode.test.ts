import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPicture } from '../../electron/engine/decode.ts';
import { readPicture } from '../../electron/engine/picture-file.ts';
import { samplePhotos } from '../support/pictures.ts';

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

test('sizes are those of the upright picture', async () => {
  const lying = await sharp(readFileSync(samplePhotos[0]!))
    .resize(40, 20)
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();

  expect(await openPicture(lying, 'jpeg')).toMatchObject({ width: 20, height: 40, format: 'jpeg' });
});
