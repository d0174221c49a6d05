/** @file `models bench`, `rename`, `remove`, `compare` and `providers`, as a person would use them. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Model, ModelComparison, ModelSpeed } from '../../electron/core/model.ts';
import type { ProviderState } from '../../electron/core/providers.ts';
import { samples } from '../kill/photos.ts';
import { channelLabels, channelMeans, writeModel } from '../support/models.ts';
import { jsonLines, runLabelwright } from './labelwright.ts';

// Most of them start several engines, and a trial or two in each.
vi.setConfig({ testTimeout: 120_000 });

let home: string;
let models: string;
const run = (...args: string[]) => runLabelwright(args, home);

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'labelwright-models-'));
  models = join(home, 'Labelwright/models');
  writeModel(join(models, 'a'), channelMeans(), { id: 'straight', title: 'Straight' });
  const turned = [...channelLabels.slice(1), channelLabels[0]!];
  const softmax = channelMeans({ after: ['Softmax'] });
  writeModel(join(models, 'b'), softmax, { id: 'turned', title: 'Turned', outputs: { scores: 'logits' } }, turned);
});
afterAll(() => rm(home, { recursive: true, force: true }));

describe('models bench', () => {
  test('shows the columns of the PaddleClas tables and remembers what it measured', async () => {
    const { code, stdout } = await run('models', 'bench', 'straight');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /Model +Top1 +Top5 +FLOPs \(G\) +Params \(M\) +ms, batch 1 +ms, batch 4 +ms, batch 8 +Images\/s\n/,
    );
    expect(stdout).toMatch(/\n {2}straight +\d+\.\d +\d+\.\d +\d+\.\d +\d+\.\d\n/);
    expect(stdout).toMatch(/On cpu with \d+ threads?\./);

    const listed = jsonLines<Model>((await run('models', 'list', '--json')).stdout);
    expect(listed.find(({ id }) => id === 'straight')?.speed?.batches).toHaveLength(3);
  });

  test('--architecture times random weights; what is not published stays empty', async () => {
    const { code, stdout } = await run('models', 'bench', '--architecture', 'ResNeXt[1,1,1,1]_4x4d', '--json');
    expect(code).toBe(0);
    const [measured] = jsonLines<ModelSpeed & { id: string; top1: number | null }>(stdout);
    expect(measured).toMatchObject({ id: 'ResNeXt[1,1,1,1]_4x4d', top1: null, provider: 'cpu' });
    expect(measured!.batches.map(({ rows }) => rows)).toEqual([1, 4, 8]);
  });

  test('puts what PaddleClas published of an architecture beside the measurement', async () => {
    const { code, stdout } = await run('models', 'bench', '--architecture', 'ResNeXt50_32x4d');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /\n {2}ResNeXt50_32x4d +0\.7775 +0\.9382 +4\.26 +25\.10 +\d+\.\d +\d+\.\d +\d+\.\d +\d+\.\d +5\.07 +8\.49 +12\.02\n/,
    );
    expect(stdout).toContain('V100: as published by PaddleClas');
  });

  test.each([
    [['nonesuch'], 'There is no such model'],
    [['straight', '--all-paddleclas'], 'one of them'],
    [['straight', '--provider', 'abacus'], 'Allowed choices are'],
    [['straight', '--provider', process.platform === 'win32' ? 'coreml' : 'dml'], 'backend not found'],
  ])('%j is refused with the reason', async (args, reason) => {
    const exit = await run('models', 'bench', ...args);
    expect(exit).toMatchObject({ code: 2, stdout: '' });
    expect(exit.stderr).toContain(reason);
  });
});

describe('models compare', () => {
  beforeAll(async () => {
    for (const model of ['straight', 'turned']) {
      expect((await run('label', samples, '--model', model, '--quiet')).code).toBe(0);
    }
  });

  test('tells agreement, scores and what each says where they differ', async () => {
    const { code, stdout } = await run('models', 'compare', 'straight', 'turned', '--dataset', 'photos');
    expect(code).toBe(0);
    expect(stdout).toMatch(/Pictures +8\n +Same label +0 +0\.0 %/);
    expect(stdout).toMatch(/Mean score +0\.\d{3} +0\.\d{3}/);
    expect(stdout).toMatch(/straight +turned +Pictures\n/);
    expect(stdout).toMatch(/Label +straight +turned\n/);
  });

  test('--json gives the whole comparison', async () => {
    const { stdout } = await run('models', 'compare', 'straight', 'turned', '--json');
    const [comparison] = jsonLines<ModelComparison & { models: string[] }>(stdout);
    expect(comparison).toMatchObject({ models: ['straight', 'turned'], imageCount: 8, agreedCount: 0, decided: null });
  });

  test('of a model that labeled nothing says which', async () => {
    const exit = await run('models', 'compare', 'straight', 'resnext26-tags');
    expect(exit).toMatchObject({ code: 2, stdout: '' });
    expect(exit.stderr).toContain('"resnext26-tags" has labeled no picture');
  });
});

test('models providers lists them, and --probe tries them', async () => {
  const before = await run('models', 'providers');
  expect(before.stdout).toMatch(/Provider +State +Images\/s +Difference +Reason\n +cpu +untried/);
  const probed = await run('models', 'providers', '--probe', '--model', 'straight', '--json');
  const states = jsonLines<ProviderState>(probed.stdout);
  expect(states[0]).toMatchObject({ provider: 'cpu', state: 'works' });
  const after = await run('models', 'providers', '--json');
  expect(jsonLines(after.stdout)).toEqual(states);
});

describe('own models', () => {
  test('get another title', async () => {
    expect(await run('models', 'rename', 'turned', 'Turned round')).toMatchObject({ code: 0 });
    expect((await run('models', 'list')).stdout).toContain('Turned round');
  });

  test('are removed only when that is confirmed', async () => {
    const asked = await run('models', 'remove', 'turned');
    expect(asked).toMatchObject({ code: 2, stdout: '' });
    expect(asked.stderr).toContain('Add --yes');
    expect(existsSync(join(models, 'b'))).toBe(true);

    expect(await run('models', 'remove', 'turned', '--yes')).toMatchObject({ code: 0 });
    expect(existsSync(join(models, 'b'))).toBe(false);
  });

  test.each([[['rename', 'resnext26-tags', 'Mine']], [['remove', 'resnext26-tags', '--yes']]])(
    '%j is refused: it came with the app',
    async (args) => {
      const exit = await run('models', ...args);
      expect(exit).toMatchObject({ code: 2, stdout: '' });
      expect(exit.stderr).toContain('came with Labelwright');
    },
  );
});
