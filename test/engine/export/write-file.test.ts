import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodePath } from '../../cli/labelwright.ts';
import { writeExport } from '../../../electron/engine/export/write-file.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'labelwright-export-'));
  path = join(folder, 'labels.csv');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** More than one buffer, then something goes wrong. */
function* failingChunks() {
  for (let chunk = 0; chunk < 1000; chunk++) yield 'x'.repeat(1000);
  throw new Error('the library went away');
}

test('chunks are written in order and counted', async () => {
  const progress = await writeExport(path, ['a', '', 'é\r\n']);
  expect(progress).toEqual({ chunkCount: 3, sizeBytes: 5 });
  expect(await readFile(path, 'utf8')).toBe('aé\r\n');
  expect(await readdir(folder)).toEqual(['labels.csv']);
});

test('an old file is replaced and keeps its permissions', async () => {
  await writeFile(path, 'old');
  await chmod(path, 0o640);
  await writeExport(path, ['new']);
  expect(await readFile(path, 'utf8')).toBe('new');
  expect((await stat(path)).mode & 0o777).toBe(0o640);
});

test('a failure half-way leaves the old file and nothing else', async () => {
  await writeFile(path, 'old');
  await expect(writeExport(path, failingChunks())).rejects.toMatchObject({ code: 'export.failed' });
  expect(await readFile(path, 'utf8')).toBe('old');
  expect(await readdir(folder)).toEqual(['labels.csv']);
});

test('cancelling leaves the old file and nothing else', async () => {
  await writeFile(path, 'old');
  const cancel = new AbortController();
  const endless = (function* () {
    for (;;) yield 'x'.repeat(100);
  })();
  const written = writeExport(path, endless, { signal: cancel.signal, onProgress: () => cancel.abort() });
  await expect(written).rejects.toMatchObject({ code: 'aborted' });
  expect(await readFile(path, 'utf8')).toBe('old');
  expect(await readdir(folder)).toEqual(['labels.csv']);
});

test('a folder is refused', async () => {
  await mkdir(path);
  await expect(writeExport(path, ['a'])).rejects.toMatchObject({
    code: 'export.failed',
    message: `${path} is a folder`,
  });
});

test('a link is refused and what it leads to stays', async () => {
  const target = join(folder, 'target.csv');
  await writeFile(target, 'old');
  await symlink(target, path);
  await expect(writeExport(path, ['a'])).rejects.toMatchObject({ code: 'export.failed' });
  expect(await readFile(target, 'utf8')).toBe('old');
});

test('a folder that does not exist is named', async () => {
  const lost = join(folder, 'no', 'labels.csv');
  await expect(writeExport(lost, ['a'])).rejects.toMatchObject({
    code: 'export.failed',
    message: `${lost} lies in a folder that does not exist`,
  });
});

test('something that is not a regular file is refused', async () => {
  await promisify(execFile)('mkfifo', [path]);
  await expect(writeExport(path, ['a'])).rejects.toMatchObject({ code: 'export.failed' });
});

test('a full disk is told as such, and the old file stays', async () => {
  await writeFile(path, 'old');
  const full = (function* () {
    yield 'new';
    throw Object.assign(new Error('no space left on device, write'), { code: 'ENOSPC' });
  })();
  await expect(writeExport(path, full)).rejects.toMatchObject({ code: 'disk.full', details: { path } });
  expect(await readFile(path, 'utf8')).toBe('old');
  expect(await readdir(folder)).toEqual(['labels.csv']);
});

test('other work goes on while rows are made', async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const slow = (function* () {
    const end = performance.now() + 200;
    while (performance.now() < end) yield '';
  })();
  await writeExport(path, slow);
  clearInterval(timer);
  expect(turns).toBeGreaterThan(3);
});

test('killed at any moment, the file is one whole export', { timeout: 120_000 }, async () => {
  const script = join(import.meta.dirname, 'endless.ts');
  for (let kill = 0; kill < 10; kill++) {
    const child = spawn(nodePath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    await sleep(Math.random() * 100);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    expect(lines).toHaveLength(20_000);
    expect(new Set(lines).size).toBe(1);
  }
});

test('what a killed export left behind goes with a later one, what is under way stays', async () => {
  const old = new Date(Date.now() - 3_600_000);
  const names = [
    '.labelwright-99999999-00000000.tmp',
    `.labelwright-${process.pid}-00000000.tmp`,
    '.labelwright-99999998-00000000.tmp',
  ];
  for (const name of names) await writeFile(join(folder, name), 'half');
  for (const name of names.slice(0, 2)) await utimes(join(folder, name), old, old);
  await writeExport(path, ['a']);
  expect((await readdir(folder)).sort()).toEqual([...names.slice(1), 'labels.csv'].sort());
});
