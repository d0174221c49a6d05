import { parse } from 'csv-parse/sync';
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ImageResult } from '../../electron/cli/results.ts';
import { brokenRules, parseCoco } from '../engine/export/coco-rules.ts';
import { makePhotos, samples } from '../kill/photos.ts';
import { enginePid, jsonLines, runLabelwright, startLabelwright, type Exit } from './labelwright.ts';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'labelwright-cli-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

describe('the sample photos', () => {
  let exit: Exit;
  let lines: ImageResult[];
  beforeAll(async () => {
    const args = ['label', samples, '--json', '--csv', 'labels.csv', '--coco', 'labels.json', '--top-k', '3'];
    exit = await runLabelwright(args, home);
    lines = jsonLines(exit.stdout);
  });

  test('are all labeled, and the exit code says so', () => {
    expect(exit.stderr).toContain('Labeled 8 of 8 pictures');
    expect(exit.code).toBe(0);
  });

  test('come out as JSON Lines, one object per picture and nothing else on stdout', () => {
    expect(lines.map(({ file }) => file)).toContain('cup-of-coffee.jpg');
    expect(lines).toHaveLength(8);
    for (const line of lines) {
      expect(Object.keys(line)).toEqual(['file', 'source', 'width', 'height', 'status', 'error', 'predictions']);
      expect(line).toMatchObject({ source: samples, status: 'done', error: null });
      expect(line.predictions.map(({ rank }) => rank)).toEqual([1, 2, 3]);
      const scores = line.predictions.map(({ score }) => score);
      expect(scores).toEqual([...scores].sort((a, b) => b - a));
    }
  });

  test('get labels that make sense', () => {
    const coffee = lines.find(({ file }) => file === 'cup-of-coffee.jpg');
    expect(coffee?.predictions[0]?.label).toBe('coffee');
    expect(coffee).toMatchObject({ width: 600, height: 400 });
  });

  test('come out as CSV with the promised columns', async () => {
    const text = await readFile(join(home, 'labels.csv'), 'utf8');
    expect(text.split('\r\n')[0]).toBe('file_name,source,width,height,status,error,review,label,score,rank');
    const records = parse<Record<string, string>>(text, { columns: true });
    expect(records).toHaveLength(24);
    const first = lines.flatMap(({ predictions }) => predictions.map(({ score }) => score.toFixed(6)));
    expect(records.map(({ score }) => score)).toEqual(first);
  });

  test('come out as a COCO file that breaks no rule of its readers', async () => {
    const file = parseCoco(await readFile(join(home, 'labels.json'), 'utf8'));
    expect(brokenRules(file)).toEqual([]);
    expect(file.annotations).toHaveLength(24);
  });

  test('are not labeled again by the same command', async () => {
    const again = await runLabelwright(['label', samples, '--json', '--top-k', '3'], home);
    expect(again.code).toBe(0);
    expect(again.stderr).not.toContain('of them now');
    expect(again.stdout).toBe(exit.stdout);
  });

  test('lose labels below the threshold, not their line', async () => {
    const sure = await runLabelwright(['label', samples, '--json', '--quiet', '--threshold', '0.9'], home);
    const kept = jsonLines<ImageResult>(sure.stdout);
    expect(kept).toHaveLength(8);
    const scores = kept.flatMap(({ predictions }) => predictions.map(({ score }) => score));
    expect(scores.length).toBeGreaterThan(0);
    expect(Math.min(...scores)).toBeGreaterThanOrEqual(0.9);
  });
});

test('a damaged picture is a line with its error, a word in the summary and exit code 1', async () => {
  const folder = join(home, 'mixed');
  await mkdir(folder);
  await copyFile(join(samples, 'rocket-launch.jpg'), join(folder, 'good.jpg'));
  await writeFile(join(folder, 'bad.jpg'), (await readFile(join(samples, 'rocket-launch.jpg'))).subarray(0, 400));
  const { code, stdout, stderr } = await runLabelwright(
    ['label', 'mixed', '--json', '--library', 'mixed.labelwright'],
    home,
  );
  expect(code).toBe(1);
  const bad = jsonLines<ImageResult>(stdout).find(({ file }) => file === 'bad.jpg');
  expect(bad).toMatchObject({ status: 'failed', predictions: [] });
  expect(bad?.error).toMatch(/^image\./);
  expect(stderr).toContain('bad.jpg: ');
});

test('quiet says nothing at all when all is well', async () => {
  const exit = await runLabelwright(['label', samples, '--quiet', '--csv', 'quiet.csv'], home);
  expect(exit).toMatchObject({ code: 0, stdout: '', stderr: '' });
});

test('a folder without pictures is nothing to do', async () => {
  await mkdir(join(home, 'empty'));
  const exit = await runLabelwright(['label', 'empty', '--library', 'empty.labelwright'], home);
  expect(exit).toMatchObject({ code: 2, stdout: '' });
  expect(exit.stderr).toContain('No pictures found');
});

test('started by npm, paths are meant from where the person stands', async () => {
  await mkdir(join(home, 'elsewhere'), { recursive: true });
  const env = { npm_lifecycle_event: 'label', INIT_CWD: home };
  const args = ['label', samples, '--quiet', '--csv', 'by-npm.csv'];
  const exit = await runLabelwright(args, home, { cwd: join(home, 'elsewhere'), env });
  expect(exit.code).toBe(0);
  await expect(readFile(join(home, 'by-npm.csv'), 'utf8')).resolves.toContain('cup-of-coffee.jpg');
});

describe('a long run', () => {
  const count = 400;
  const args = ['label', 'many', '--json', '--library', 'many.labelwright', '--progress-every', '0'];
  beforeAll(() => makePhotos(join(home, 'many'), count, 1));

  test(
    'stops cleanly on Ctrl-C, keeps others out meanwhile, and the same command goes on',
    { timeout: 120_000 },
    async () => {
      const first = startLabelwright(args, home);
      await first.said(/Labeled [1-9]\d* of/);
      // Held still meanwhile: on a slow machine it would be through before the other one has started.
      const engine = enginePid(first)!;
      process.kill(engine, 'SIGSTOP');

      const second = await runLabelwright(['datasets', 'list', '--library', 'many.labelwright'], home);
      expect(second.code).toBe(75);
      expect(second.stderr).toMatch(/in use by process \d+/);
      process.kill(engine, 'SIGCONT');

      first.process.kill('SIGINT');
      const stopped = await first.exit;
      expect(stopped.code).toBe(130);
      expect(stopped.stdout).toBe('');
      const done = Number(/Stopped after (\d+) pictures?/.exec(stopped.stderr)?.[1]);
      expect(done).toBeGreaterThan(0);
      expect(done).toBeLessThan(count);

      const rest = await runLabelwright(args, home);
      expect(rest.code).toBe(0);
      expect(rest.stderr).toContain(`${count - done} of them now`);
      expect(jsonLines<ImageResult>(rest.stdout).filter(({ status }) => status === 'done')).toHaveLength(count);
    },
  );

  test('Ctrl-C while it ends lets it end', { timeout: 120_000 }, async () => {
    const run = startLabelwright(['label', 'mixed', '--library', 'ending.labelwright'], home);
    await run.said(/Labeled \d+ of|labeled/);
    const engine = enginePid(run)!;
    await run.said(/bad\.jpg: /);
    run.process.kill('SIGINT');
    expect(await run.exit).toMatchObject({ code: 1, signal: null });
    expect(existsSync(`/proc/${engine}/exe`)).toBe(false);
  });

  test('a second Ctrl-C does not wait for an engine that hangs', { timeout: 120_000 }, async () => {
    const run = startLabelwright(['label', 'many', '--library', 'hanging.labelwright', '--progress-every', '0'], home);
    await run.said(/Labeled [1-9]\d* of/);
    const engine = enginePid(run)!;
    process.kill(engine, 'SIGSTOP');
    run.process.kill('SIGINT');
    await sleep(200);
    const secondMs = performance.now();
    run.process.kill('SIGINT');
    expect((await run.exit).code).toBe(130);
    expect(performance.now() - secondMs).toBeLessThan(2000);
    expect(existsSync(`/proc/${engine}/exe`)).toBe(false);
  });

  test(
    'ends with 1 when its folder goes away, keeps all, and goes on when it is back',
    { timeout: 120_000 },
    async () => {
      const gone = ['label', 'many', '--json', '--library', 'gone.labelwright', '--progress-every', '0'];
      const run = startLabelwright(gone, home);
      await run.said(/Labeled [1-9]\d* of/);
      await rename(join(home, 'many'), join(home, 'elsewhere-now'));
      const stuck = await run.exit.finally(() => rename(join(home, 'elsewhere-now'), join(home, 'many')));
      expect(stuck).toMatchObject({ code: 1, stdout: '' });
      expect(stuck.stderr).toContain('The folder is not there. Everything so far is kept');

      const rest = await runLabelwright(gone, home);
      expect(rest.code).toBe(0);
      expect(jsonLines<ImageResult>(rest.stdout).filter(({ status }) => status === 'done')).toHaveLength(count);
    },
  );
});
