import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openFileBuffers, type FileBuffers } from '../../../electron/engine/inference/file-buffers.ts';
import { openReadAhead } from '../../../electron/engine/inference/read-ahead.ts';
import { temporaryFolder } from '../../support/library.ts';

/** Buffers that know how many bytes are out. */
function countedBuffers(): FileBuffers & { out: number; most: number } {
  const buffers = openFileBuffers(1024 * 1024);
  const counted = {
    out: 0,
    most: 0,
    take(sizeBytes: number) {
      counted.out += sizeBytes;
      counted.most = Math.max(counted.most, counted.out);
      return buffers.take(sizeBytes);
    },
    give(buffer: Buffer) {
      counted.out -= buffer.length;
      buffers.give(buffer);
    },
  };
  return counted;
}

function writeFiles(count: number, sizeBytes: number): string[] {
  const folder = temporaryFolder();
  return Array.from({ length: count }, (_, index) => {
    const path = join(folder, `${index}`);
    writeFileSync(path, Buffer.alloc(sizeBytes, index + 1));
    return path;
  });
}

async function until(fits: () => boolean): Promise<void> {
  while (!fits()) await sleep(2);
}

test('files are read before they are asked for, and are there when their place is gone', async () => {
  const paths = writeFiles(3, 1000);
  const buffers = countedBuffers();
  const files = openReadAhead(buffers, 1_000_000, 2);
  files.expect(paths);
  await until(() => buffers.out === 3000);
  await sleep(20);
  for (const path of paths) rmSync(path);

  for (const [index, path] of paths.entries()) {
    const file = await files.take(path);
    expect([...new Set(file.bytes)]).toEqual([index + 1]);
    expect(file).toMatchObject({ sizeBytes: 1000 });
    file.release();
  }
  expect(buffers.out).toBe(0);
});

test('no more bytes are read ahead than allowed, however much is expected', async () => {
  const paths = writeFiles(20, 1000);
  const buffers = countedBuffers();
  const files = openReadAhead(buffers, 4500, 1);
  files.expect(paths);
  await until(() => buffers.out >= 4000);
  await sleep(50);
  expect(buffers.most).toBeLessThanOrEqual(4500);

  for (const path of paths) (await files.take(path)).release();
  await until(() => buffers.out === 0);
  // One more is in use while the next ones are read.
  expect(buffers.most).toBeLessThanOrEqual(5500);
});

test('a file too large to be read ahead is read when it is asked for', async () => {
  const [small, large] = [writeFiles(1, 100)[0]!, writeFiles(1, 50_000)[0]!];
  const files = openReadAhead(countedBuffers(), 10_000, 2);
  files.expect([large, small]);

  expect((await files.take(large)).sizeBytes).toBe(50_000);
  expect((await files.take(small)).sizeBytes).toBe(100);
});

test('a file that nobody expected is read at once', async () => {
  const files = openReadAhead(countedBuffers(), 10_000, 2);
  expect((await files.take(writeFiles(1, 10)[0]!)).bytes).toEqual(Buffer.alloc(10, 1));
});

test('a file that was missing is looked for again when it is asked for', async () => {
  const [path] = writeFiles(1, 10);
  rmSync(path!);
  const files = openReadAhead(countedBuffers(), 10_000, 2);
  files.expect([path!]);
  await sleep(50);
  writeFileSync(path!, 'back again');
  expect(String((await files.take(path!)).bytes)).toBe('back again');

  rmSync(path!);
  files.expect([path!]);
  await expect(files.take(path!)).rejects.toMatchObject({ code: 'file.missing' });
});

test('what is expected no longer gives its memory back', async () => {
  const paths = writeFiles(4, 1000);
  const buffers = countedBuffers();
  const files = openReadAhead(buffers, 10_000, 2);
  files.expect(paths);
  await until(() => buffers.out === 4000);
  files.expect(paths.slice(3));
  await until(() => buffers.out === 1000);

  (await files.take(paths[3]!)).release();
  expect(buffers.out).toBe(0);
});

test('a refused file gives its memory back', async () => {
  const buffers = countedBuffers();
  const files = openReadAhead(buffers, 10_000, 2);
  await expect(files.take(temporaryFolder())).rejects.toMatchObject({ code: 'file.not-regular' });
  expect(buffers.out).toBe(0);
});
