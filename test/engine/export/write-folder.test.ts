import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { FolderEntry } from '../../../electron/engine/export/exporter.ts';
import { writeFolder } from '../../../electron/engine/export/write-folder.ts';
import { nodePath } from '../../cli/labelwright.ts';
import { temporaryFolder } from '../../support/library.ts';
import { row } from './source.ts';

const script = join(import.meta.dirname, 'endless-folder.ts');
const quiet = { pictures: 'none' as const, leaveOut: () => {} };

/** A folder with things of the person's own, and an empty one that was chosen for the export. */
function home(): string {
  const path = temporaryFolder();
  writeFileSync(join(path, 'mine.txt'), 'mine');
  mkdirSync(join(path, 'export'));
  mkdirSync(join(path, 'photos'));
  writeFileSync(join(path, 'photos/a.jpg'), 'a'.repeat(20_000));
  return path;
}

test('killed in the middle, everything is as it was but for one folder that the next export takes away', async () => {
  const path = home();
  const child = spawn(nodePath, [script, path, join(path, 'photos')], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  await sleep(50);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const [leftover, ...others] = readdirSync(path).toSorted();
  expect(leftover).toMatch(/^\.labelwright-\d+-[0-9a-f]{8}\.tmp$/);
  expect(others).toEqual(['export', 'mine.txt', 'photos']);
  expect(readdirSync(join(path, 'export'))).toEqual([]);
  expect(readFileSync(join(path, 'mine.txt'), 'utf8')).toBe('mine');

  // Fresh, it might be somebody's on another machine.
  await writeFolder(join(path, 'first'), [{ path: 'a.txt', text: ['a'] }], quiet);
  expect(readdirSync(path)).toContain(leftover);
  const old = new Date(Date.now() - 3_600_000);
  utimesSync(join(path, leftover!), old, old);
  await writeFolder(join(path, 'second'), [{ path: 'a.txt', text: ['a'] }], quiet);
  expect(readdirSync(path).toSorted()).toEqual(['export', 'first', 'mine.txt', 'photos', 'second']);
});

test('a full disk is told as such and leaves nothing behind', () => {
  const path = temporaryFolder();
  const asRoot = process.getuid?.() === 0 ? [] : ['--map-root-user', '--user'];
  const steps =
    'mount -t tmpfs -o size=1m tmpfs "$0" && echo mine > "$0/mine.txt" && mkdir "$0/export" && ' +
    'head -c 200000 /dev/zero > "$0/a.jpg" && "$@" && ls -A "$0" && ls -A "$0/export" && cat "$0/mine.txt"';
  const args = [...asRoot, '--mount', 'sh', '-c', steps, path, nodePath, script, path, path];
  const output = execFileSync('unshare', args, { encoding: 'utf8' });
  expect(output.trim().split('\n')).toEqual(['under way', 'disk.full', 'a.jpg', 'export', 'mine.txt', 'mine']);
});

test('other work goes on while pictures are passed over', async () => {
  const path = join(temporaryFolder(), 'export');
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  function* entries(): Generator<FolderEntry> {
    const end = performance.now() + 200;
    while (performance.now() < end) yield { path: 'a.jpg', picture: row({}) };
    yield { path: 'list.txt', text: ['é', '\n'] };
  }
  const { sizeBytes } = await writeFolder(path, entries(), quiet);
  clearInterval(timer);
  expect(turns).toBeGreaterThan(3);
  expect(sizeBytes).toBe(3);
  expect(readdirSync(path)).toEqual(['list.txt']);
});
