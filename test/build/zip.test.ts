/** @file Unpacking zip archives. */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { unzip } from '../../build/zip.mjs';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'labelwright-zip-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Entry {
  name: string;
  text: string;
  deflate?: boolean;
  mode?: number;
}

/** An archive as PKWARE's note describes it, without checksums: `unzip` trusts the SHA-512 of the download. */
function zip(entries: Entry[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, text, deflate = false, mode = 0o644 } of entries) {
    const packed = deflate ? deflateRawSync(text) : Buffer.from(text);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(Buffer.byteLength(name), 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(deflate ? 8 : 0, 10);
    central.writeUInt32LE(packed.length, 20);
    central.writeUInt32LE(Buffer.byteLength(text), 24);
    central.writeUInt16LE(Buffer.byteLength(name), 28);
    central.writeUInt32LE((mode << 16) >>> 0, 38);
    central.writeUInt32LE(offset, 42);
    files.push(local, Buffer.from(name), packed);
    directory.push(central, Buffer.from(name));
    offset += 30 + Buffer.byteLength(name) + packed.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...files, ...directory, end]);
}

async function archive(entries: Entry[]): Promise<string> {
  const file = join(folder, 'archive.zip');
  await writeFile(file, zip(entries));
  return file;
}

test('stored and deflated files come out as they went in', async () => {
  const text = 'many words, many words, '.repeat(500);
  const file = await archive([
    { name: 'top/stored.txt', text: 'plain' },
    { name: 'top/folder/', text: '' },
    { name: 'top/folder/deflated.txt', text, deflate: true },
  ]);

  unzip(file, join(folder, 'out'), (name) => name);

  expect(await readFile(join(folder, 'out/top/stored.txt'), 'utf8')).toBe('plain');
  expect(await readFile(join(folder, 'out/top/folder/deflated.txt'), 'utf8')).toBe(text);
});

test('files can be renamed and left out', async () => {
  const file = await archive([
    { name: 'a/keep', text: '1' },
    { name: 'a/drop', text: '2' },
  ]);

  unzip(file, join(folder, 'out'), (name) => (name === 'a/keep' ? 'kept' : undefined));

  expect(await readFile(join(folder, 'out/kept'), 'utf8')).toBe('1');
  await expect(stat(join(folder, 'out/a'))).rejects.toThrow('ENOENT');
});

test('programs stay executable', async () => {
  unzip(await archive([{ name: 'tool', text: '#!/bin/sh', mode: 0o755 }]), join(folder, 'out'), (name) => name);

  expect((await stat(join(folder, 'out/tool'))).mode & 0o111).toBe(0o111);
});

test('a name that points out of the folder is refused', async () => {
  const file = await archive([{ name: '../outside', text: 'evil' }]);

  expect(() => unzip(file, join(folder, 'out'), (name) => name)).toThrow('points out of the archive');
  await expect(stat(join(folder, 'outside'))).rejects.toThrow('ENOENT');
});

test('a file that is no archive, and one cut short, are refused', async () => {
  const file = await archive([{ name: 'a', text: 'a'.repeat(1000) }]);
  await writeFile(join(folder, 'text.zip'), 'hello');
  await writeFile(join(folder, 'short.zip'), (await readFile(file)).subarray(500));

  expect(() => unzip(join(folder, 'text.zip'), join(folder, 'out'), (name) => name)).toThrow('not a zip archive');
  expect(() => unzip(join(folder, 'short.zip'), join(folder, 'out'), (name) => name)).toThrow('ends too early');
});
