import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import packageFile from '../../package.json' with { type: 'json' };
import { samples } from '../kill/photos.ts';
import { jsonLines, runLabelwright } from './labelwright.ts';

let home: string;
const run = (...args: string[]) => runLabelwright(args, home);
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'labelwright-cli-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

describe('help and usage', () => {
  test('--version is that of the package', async () => {
    expect(await run('--version')).toMatchObject({ code: 0, stdout: `${packageFile.version}\n` });
  });

  test.each([
    [['--help'], ['label', 'export', 'models', 'datasets']],
    [
      ['label', '--help'],
      ['--model', '--top-k', '--threshold', '--csv', '--coco', '--library', '--json', '--quiet', 'Exit codes'],
    ],
    [
      ['export', '--help'],
      [
        '--out',
        '--dataset',
        '--include',
        '--top-k',
        '--min-score',
        '--level',
        '--only-reviewed',
        '--review',
        '--dialect',
      ],
    ],
    [
      ['models', 'list', '--help'],
      ['--json', '--library'],
    ],
    [
      ['datasets', 'list', '--help'],
      ['--json', '--library'],
    ],
  ])('%j names what there is', async (args, words) => {
    const { code, stdout } = await run(...args);
    expect(code).toBe(0);
    for (const word of words) expect(stdout).toContain(word);
  });

  test.each([
    [['label'], 'missing required argument'],
    [['frobnicate'], 'unknown command'],
    [['label', samples, '--top-k', '0'], 'whole number from 1 to 100'],
    [['label', samples, '--threshold', '1.5'], 'number from 0 to 1'],
    [['label', '/no/such/folder'], 'There is no folder /no/such/folder'],
    [['label', join(samples, 'truth.csv')], 'is not a folder'],
    [['export', 'csv'], '--out'],
  ])('%j is wrong usage: exit code 2, nothing on stdout', async (args, reason) => {
    const exit = await run(...args);
    expect(exit).toMatchObject({ code: 2, stdout: '' });
    expect(exit.stderr).toContain(reason);
  });

  test('an unknown model is told with where to look', async () => {
    const exit = await run('label', samples, '--model', 'nonesuch', '--library', 'model.labelwright');
    expect(exit).toMatchObject({ code: 2, stdout: '' });
    expect(exit.stderr).toContain('models list');
  });
});

test('models list shows the bundled model, as a table and as JSON Lines', async () => {
  const [text, json] = await Promise.all([
    run('models', 'list', '--library', 'm1.labelwright'),
    run('models', 'list', '--json', '--library', 'm2.labelwright'),
  ]);
  expect(text.stdout).toMatch(/Id +Title/);
  expect(jsonLines<{ id: string; problem: string | null }>(json.stdout)).toContainEqual(
    expect.objectContaining({ id: 'resnext26-tags', problem: null }),
  );
});

describe('a labeled library', () => {
  beforeAll(async () => {
    expect((await run('label', samples, '--quiet')).code).toBe(0);
  });

  test('datasets list shows its dataset', async () => {
    const [dataset] = jsonLines<{ name: string; imageCount: number }>((await run('datasets', 'list', '--json')).stdout);
    expect(dataset).toMatchObject({ name: 'photos', imageCount: 8, byStatus: { done: 8 } });
  });

  test('export writes the spreadsheet dialect', async () => {
    const exit = await run('export', 'csv', '--out', 'sheet.csv', '--dataset', 'photos', '--dialect', 'spreadsheet');
    expect(exit).toMatchObject({ code: 0, stdout: '' });
    const text = await readFile(join(home, 'sheet.csv'), 'utf8');
    expect(text.startsWith('\uFEFFfile_name,source,width,height,status,error,review,label,score\r\n')).toBe(true);
    expect(text.trimEnd().split('\r\n')).toHaveLength(9);
  });

  test('export of reviewed pictures is empty when nobody has reviewed', async () => {
    await run('export', 'csv', '--out', 'reviewed.csv', '--only-reviewed');
    expect((await readFile(join(home, 'reviewed.csv'), 'utf8')).trimEnd().split('\r\n')).toHaveLength(1);
    await run('export', 'csv', '--out', 'open.csv', '--review', 'undecided');
    expect((await readFile(join(home, 'open.csv'), 'utf8')).trimEnd().split('\r\n')).toHaveLength(9);
  });

  test.each([
    [['export', 'csv', '--out', 'x.csv', '--dataset', 'nonesuch'], 'There is no dataset nonesuch: photos'],
    [['export', 'xml', '--out', 'x.xml'], 'No export format xml'],
    [['export', 'csv', '--out', '.'], 'is a folder'],
    [['export', 'csv', '--out', 'no/such/x.csv'], 'a folder that does not exist'],
  ])('%j says what is wrong and exits with 2', async (args, reason) => {
    const exit = await run(...args);
    expect(exit).toMatchObject({ code: 2, stdout: '' });
    expect(exit.stderr).toContain(reason);
  });
});
