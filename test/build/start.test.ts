/** @file `npm start` on a machine without a screen. */
import { parse } from 'csv-parse/sync';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const root = new URL('../../', import.meta.url).pathname;
let home: string;
beforeEach(async () => (home = await mkdtemp(join(tmpdir(), 'labelwright-start-'))));
afterEach(() => rm(home, { recursive: true, force: true }));

/** Start with the given words, as somebody standing in `home` without a screen. */
async function start(...words: string[]) {
  const { DISPLAY: _display, WAYLAND_DISPLAY: _wayland, ...env } = process.env;
  const child = spawn(process.execPath, [join(root, 'build/start.mjs'), ...words], {
    cwd: root,
    env: { ...env, INIT_CWD: home, XDG_DATA_HOME: join(home, 'data'), XDG_CONFIG_HOME: join(home, 'config') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)));
  const [code] = (await once(child, 'close')) as [number];
  return { code, said };
}

async function labels() {
  const rows: Record<string, string>[] = parse(await readFile(join(home, 'labels.csv')), { columns: true, bom: true });
  const coco = JSON.parse(await readFile(join(home, 'labels.coco.json'), 'utf8')) as {
    images: { file_name: string }[];
  };
  return { rows, coco };
}

test('it says so and labels the sample photos in the terminal', async () => {
  const { code, said } = await start();

  expect(said).toContain('There is no screen here');
  expect(code).toBe(0);
  const { rows, coco } = await labels();
  const photos = rows.filter((row) => row.status === 'done');
  expect(new Set(photos.map((row) => row.file_name)).size).toBe(8);
  expect(photos.every((row) => row.label !== '')).toBe(true);
  expect(coco.images.map((image) => image.file_name)).toContain('cat-chelsea.jpg');
});

test('folders are looked up from where the person stands', async () => {
  await cp(join(root, 'test/fixtures/photos/cat-chelsea.jpg'), join(home, 'my photos/cat.jpg'));

  const { code } = await start('my photos');

  expect(code).toBe(0);
  const { rows } = await labels();
  expect(rows.map((row) => row.file_name)).toContain('cat.jpg');
});
