import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  mkdtempSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { thumbnails } from '../../electron/engine/thumbnail.ts';
import { samplePhotos, turnedCopy } from '../support/pictures.ts';

const unknown = { contentHash: null };
const [photo, otherPhoto] = samplePhotos as [string, string];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'thumbnails-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function filesIn(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .sort();
}

describe('a copy', () => {
  test('is a JPEG that fits its square, named after the content', async () => {
    const cache = thumbnails(join(folder, 'cache'));
    const { path, type, contentHash } = await cache.get(photo, 's', unknown);

    expect(type).toBe('image/jpeg');
    expect(contentHash).toBe(createHash('sha256').update(readFileSync(photo)).digest('hex').slice(0, 32));
    expect(path).toBe(join(folder, 'cache', contentHash.slice(0, 2), `${contentHash}-s.jpg`));
    expect(await sharp(readFileSync(path)).metadata()).toMatchObject({ format: 'jpeg', width: 320, space: 'srgb' });
  });

  test('is never larger than the picture', async () => {
    const { path } = await thumbnails(folder).get(photo, 'l', unknown);
    const { width, height } = await sharp(readFileSync(photo)).metadata();

    expect(await sharp(readFileSync(path)).metadata()).toMatchObject({ width, height });
  });

  test('is upright and says nothing about turning any more', async () => {
    const turned = join(folder, 'turned.jpg');
    writeFileSync(turned, await turnedCopy(photo, 6));
    const { path } = await thumbnails(folder).get(turned, 's', unknown);
    const { width, height, orientation, exif } = await sharp(readFileSync(path)).metadata();

    expect(width).toBeGreaterThan(height);
    expect(orientation).toBeUndefined();
    expect(exif).toBeUndefined();
  });

  test('of a bad picture is refused as in a run', async () => {
    const text = join(folder, 'text.jpg');
    writeFileSync(text, 'not a picture');

    await expect(thumbnails(folder).get(text, 's', unknown)).rejects.toMatchObject({ code: 'image.unreadable' });
    await expect(thumbnails(folder).get(`${text}x`, 's', unknown)).rejects.toMatchObject({ code: 'file.missing' });
  });
});

describe('the cache', () => {
  test('answers for a known hash without the picture', async () => {
    const moved = join(folder, 'moved.jpg');
    copyFileSync(photo, moved);
    const cache = thumbnails(join(folder, 'cache'));
    const first = await cache.get(moved, 's', unknown);
    rmSync(moved);

    expect(await cache.get(moved, 's', { contentHash: first.contentHash })).toEqual(first);
  });

  test('makes an emptied copy again', async () => {
    const cache = thumbnails(folder);
    const { path, contentHash } = await cache.get(photo, 's', unknown);
    writeFileSync(path, '');
    await cache.get(photo, 's', { contentHash });

    expect(statSync(path).size).toBeGreaterThan(1000);
  });

  test('notices that a file has other content now', async () => {
    const changing = join(folder, 'changing.jpg');
    const cache = thumbnails(join(folder, 'cache'));
    copyFileSync(photo, changing);
    const before = await cache.get(changing, 's', unknown);
    copyFileSync(otherPhoto, changing);

    expect((await cache.get(changing, 's', unknown)).contentHash).not.toBe(before.contentHash);
  });

  test('gives many who ask at once the same copy and leaves no temporary files', async () => {
    const cache = thumbnails(folder);
    const asked = samplePhotos.flatMap((path) => [1, 2, 3].map(() => cache.get(path, 's', unknown)));
    const answers = await Promise.all(asked);

    expect(new Set(answers.map(({ path }) => path)).size).toBe(samplePhotos.length);
    expect(filesIn(folder)).toEqual(
      answers
        .filter((_, index) => index % 3 === 0)
        .map(({ path }) => basename(path))
        .sort(),
    );
  });

  test('takes no path from a strange hash', async () => {
    const { path } = await thumbnails(folder).get(photo, 's', { contentHash: '../../../../etc/passwd' });

    expect(path.startsWith(join(folder, '/'))).toBe(true);
  });

  test('drops the oldest large copies beyond its limit, and stale temporary files', async () => {
    const day = 24 * 60 * 60;
    mkdirSync(join(folder, 'aa'));
    for (const [index, name] of ['old-l.jpg', 'middle-l.jpg', 'new-l.jpg', 'old-s.jpg', 'cut.tmp'].entries()) {
      writeFileSync(join(folder, 'aa', name), Buffer.alloc(1000));
      utimesSync(join(folder, 'aa', name), index * day, index * day);
    }
    await thumbnails(folder, { maxLargeBytes: 2500 }).pruned;

    expect(filesIn(folder)).toEqual(['middle-l.jpg', 'new-l.jpg', 'old-s.jpg']);
  });
});

test('a full disk is said to be full, and the cache works again when there is room', () => {
  const script = `
    const { mkdirSync, writeFileSync, rmSync, readdirSync } = await import('node:fs');
    const { thumbnails } = await import(process.argv[1]);
    const cache = thumbnails(process.argv[2]);
    const outcome = await cache.get(process.argv[3], 's', { contentHash: null }).catch(({ code }) => code);
    const left = readdirSync(process.argv[2], { recursive: true }).filter((name) => /jpg/.test(name));
    rmSync(process.argv[2] + '/ballast');
    const again = await cache.get(process.argv[3], 's', { contentHash: null });
    console.log(JSON.stringify({ outcome, left, again: again.type }));
  `;
  const module = new URL('../../electron/engine/thumbnail.ts', import.meta.url).href;
  const output = onSmallDisk(folder, [process.execPath, '--input-type=module', '-e', script, module, folder, photo]);

  expect(JSON.parse(output)).toEqual({ outcome: 'disk.full', left: [], again: 'image/jpeg' });
});

// Only root may mount; others become root of a namespace of their own.
const asRoot = process.getuid?.() === 0 ? [] : ['--map-root-user'];

/** Run a command in a mount namespace where `folder` is a file system of 512 kB, filled up by `ballast`. */
function onSmallDisk(folder: string, command: string[]): string {
  const steps =
    'mount -t tmpfs -o size=512k tmpfs "$0" && { head -c 512k /dev/zero > "$0/ballast" || true; } 2>/dev/null && exec "$@"';
  return execFileSync('unshare', [...asRoot, '--mount', 'sh', '-c', steps, folder, ...command], {
    encoding: 'utf8',
  });
}
