import { copyFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jsonLines, runLabelwright, startLabelwright } from './labelwright.ts';

const samples = new URL('../fixtures/photos', import.meta.url).pathname;
const args = ['--library', 'photos.labelwright'];
let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'labelwright-import-'));
  const exit = await runLabelwright(['label', samples, ...args, '--quiet', '--csv', 'first.csv'], home);
  expect(exit).toMatchObject({ code: 0, stderr: '' });
}, 120_000);
afterAll(() => rm(home, { recursive: true, force: true }));

describe('import', () => {
  test('takes over what somebody changed in an exported table, and nothing else', { timeout: 120_000 }, async () => {
    const lines = (await readFile(join(home, 'first.csv'), 'utf8')).split('\r\n');
    const place = lines.findIndex((line) => line.startsWith('rocket-launch.jpg'));
    const label = lines[0]!.split(',').indexOf('label');
    const fields = lines[place]!.split(',');
    fields[label] = 'blast-off';
    lines[place] = fields.join(',');
    await writeFile(join(home, 'edited.csv'), lines.join('\r\n'));

    const dry = await runLabelwright(['import', 'auto', 'edited.csv', ...args, '--dry-run'], home);
    expect(dry.stderr).toContain('1 prediction with a changed label counts as decided');
    expect(dry.stderr).toContain('New categories (1): blast-off');
    expect(dry.stderr).toContain('Nothing was changed.');
    const done = await runLabelwright(['import', 'csv', 'edited.csv', ...args, '--json', '--quiet'], home);
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(jsonLines(done.stdout)).toMatchObject([{ edited: 1, fresh: 1, changed: 1 }]);

    await runLabelwright(
      ['export', 'csv', ...args, '--include', 'decisions', '--only-reviewed', '--out', 'after.csv', '--quiet'],
      home,
    );
    const after = await readFile(join(home, 'after.csv'), 'utf8');
    expect(after.trim().split('\r\n')).toHaveLength(2);
    expect(after).toMatch(/rocket-launch\.jpg,.*,corrected,blast-off,/);
  });

  test('tells what fits no picture, and why a file is no table of labels', { timeout: 120_000 }, async () => {
    await writeFile(join(home, 'other.csv'), 'file,label\nnowhere.jpg,cat\ncup-of-coffee.jpg,cup\n');
    const exit = await runLabelwright(['import', 'csv', 'other.csv', ...args], home);
    expect(exit.code).toBe(1);
    expect(exit.stderr).toContain('line 2: nowhere.jpg: No picture here has this path, name or content');
    expect(exit.stderr).toContain('Took over the labels of 1 picture.');

    const missing = await runLabelwright(['import', 'csv', 'missing.csv', ...args], home);
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain('missing.csv cannot be read');
  });
});

test('a profile is an export under a name', { timeout: 60_000 }, async () => {
  const save = ['export', 'jsonl', '--out', 'one.jsonl', '--top-k', '2', '--save-as', 'two best', ...args, '--quiet'];
  expect(await runLabelwright(save, home)).toMatchObject({ code: 0, stderr: '' });
  const again = ['export', 'two best', '--profile', '--out', 'two.jsonl', ...args, '--quiet'];
  expect(await runLabelwright(again, home)).toMatchObject({ code: 0, stderr: '' });
  expect(await readFile(join(home, 'two.jsonl'), 'utf8')).toBe(await readFile(join(home, 'one.jsonl'), 'utf8'));

  const unknown = await runLabelwright(['export', 'three', '--profile', '--out', 'x', ...args], home);
  expect(unknown.stderr).toContain('There is no profile three; there are: two best');
  const nowhere = await runLabelwright(['export', 'csv', ...args], home);
  expect(nowhere).toMatchObject({ code: 2 });
  expect(nowhere.stderr).toContain('--out');
});

test('keywords are written beside the photos and taken back', { timeout: 60_000 }, async () => {
  const folder = join(home, 'tagged');
  await mkdir(folder);
  await copyFile(join(samples, 'rocket-launch.jpg'), join(folder, 'one.jpg'));
  const library = ['--library', 'tagged.labelwright'];
  await runLabelwright(['label', 'tagged', ...library, '--quiet'], home);
  const written = await runLabelwright(['export', 'xmp', ...library], home);
  expect(written).toMatchObject({ code: 0 });
  expect(await readFile(join(folder, 'one.jpg.xmp'), 'utf8')).toContain('<dc:subject>');
  const back = await runLabelwright(['export', 'xmp', '--restore', ...library], home);
  expect(back.stderr).toContain('Put back 1');
  await expect(stat(join(folder, 'one.jpg.xmp'))).rejects.toThrow('ENOENT');
});

test('formats lists what is exported and imported', async () => {
  const { code, stdout } = await runLabelwright(['formats', '--json'], home);
  expect(code).toBe(0);
  const formats = jsonLines<{ id: string; export: boolean; import: boolean }>(stdout);
  expect(formats.find(({ id }) => id === 'csv')).toMatchObject({ export: true, import: true });
  expect(formats.find(({ id }) => id === 'coco')).toMatchObject({ export: true, import: true });
});

test('watch labels photos as they arrive and keeps its file in step', { timeout: 120_000 }, async () => {
  const folder = join(home, 'incoming');
  await mkdir(folder);
  await copyFile(join(samples, 'rocket-launch.jpg'), join(folder, 'one.jpg'));
  const run = startLabelwright(
    ['watch', 'incoming', '--out', 'kept.csv', '--library', 'watched.labelwright', '--progress-every', '0'],
    home,
  );
  await run.said(/Waiting for new photos/);
  expect(await readFile(join(home, 'kept.csv'), 'utf8')).toContain('one.jpg');
  const before = (await stat(join(home, 'kept.csv'))).mtimeMs;

  await mkdir(join(folder, 'later'));
  await copyFile(join(samples, 'cup-of-coffee.jpg'), join(folder, 'later', 'two.jpg'));
  await run.said(/Labeled 1 picture; wrote \d+ rows[^]*Labeled 1 picture; wrote/);
  expect(await readFile(join(home, 'kept.csv'), 'utf8')).toMatch(/later\/two\.jpg,.*,done,/);
  expect((await stat(join(home, 'kept.csv'))).mtimeMs).toBeGreaterThan(before);

  run.process.kill('SIGINT');
  expect(await run.exit).toMatchObject({ code: 130, stdout: '' });
});
