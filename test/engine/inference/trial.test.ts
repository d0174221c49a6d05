/** @file Models tried in a process of their own: what honest ones give, and how hostile ones end. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../../../electron/core/errors.ts';
import { runTrial } from '../../../electron/engine/inference/trial.ts';
import type { TrialRequest } from '../../../electron/engine/inference/trial-protocol.ts';
import { inspectOnnx } from '../../../electron/engine/models/onnx/inspect.ts';
import { channelMeans } from '../../support/models.ts';
import { endlessGraph, greedyGraph } from '../../support/picture-graph.ts';

const corpus = new URL('../../fixtures/corpus/onnx/', import.meta.url).pathname;
const limits = { timeoutMs: 5_000, maxRssBytes: 1024 ** 3 };

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trials-'));
  file = join(folder, 'model.onnx');
});
afterEach(() => rmSync(folder, { recursive: true }));

function request(onnx: Buffer, changes: Partial<TrialRequest> = {}): TrialRequest {
  writeFileSync(file, onnx);
  const batches = [{ rows: 1, repeat: 1 }];
  return { file, provider: 'cpu', threads: 1, width: 16, height: 8, batches, values: 'normalised', ...changes };
}

/** Processes that `parent` has started for trials. */
function trialsOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const [, state, parentPid] = /\) (\S) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))!;
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return state !== 'Z' && Number(parentPid) === parent && line.includes('trial-process');
      } catch {
        return false; // it has just ended
      }
    })
    .map(Number);
}

async function firstTrialOf(parent: number): Promise<number> {
  for (;;) {
    const [pid] = trialsOf(parent);
    if (pid !== undefined) return pid;
    await delay(10);
  }
}

function isAlive(pid: number): boolean {
  try {
    // An orphan that nobody has reaped yet is dead all the same.
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

describe('a trial', () => {
  test('tells inputs, outputs, results and times', async () => {
    const result = await runTrial(
      request(channelMeans(), {
        batches: [
          { rows: 1, repeat: 3 },
          { rows: 4, repeat: 1 },
        ],
        width: 8,
      }),
      limits,
    );

    expect(result.inputs).toEqual([{ name: 'input', type: 'float32', shape: ['N', 3, 8, 8] }]);
    expect(result.outputs).toEqual([{ name: 'logits', type: 'float32', shape: ['N', 3] }]);
    expect(result.batches.map(({ milliseconds }) => milliseconds.length)).toEqual([3, 1]);
    expect(result.batches.map(({ outputs }) => outputs.logits!.shape)).toEqual([
      [1, 3],
      [4, 3],
    ]);
    expect(result.loadMilliseconds).toBeGreaterThan(0);
  });

  test('shows the same picture in the same row of every batch, and another one in every row', async () => {
    const batches = [1, 4].map((rows) => ({ rows, repeat: 1 }));
    const [alone, among] = (await runTrial(request(channelMeans(), { batches }), limits)).batches;
    const rows = [0, 3, 6, 9].map((at) => [...among!.outputs.logits!.values.subarray(at, at + 3)]);

    expect(rows[0]).toEqual([...alone!.outputs.logits!.values]);
    expect(new Set(rows.map(String)).size).toBe(4);
  });

  test('stops repeating after the time given, but has one run to show', async () => {
    const batches = [{ rows: 1, repeat: 1_000_000, stopAfterMs: 0 }];
    const [batch] = (await runTrial(request(channelMeans(), { batches }), limits)).batches;

    expect(batch!.milliseconds).toHaveLength(1);
  });

  test.each([
    ['normalised', -2, 2.5],
    ['unit', 0, 1],
    ['bytes', 0, 255],
  ] as const)('feeds %s values', async (values, least, most) => {
    const [batch] = (await runTrial(request(channelMeans({ side: 64 }), { values }), limits)).batches;

    for (const mean of batch!.outputs.logits!.values) {
      const middle = (least + most) / 2;
      expect(Math.abs(mean - middle)).toBeLessThan((most - least) / 20);
    }
  });

  test('leaves nothing in the folder for temporary files', async () => {
    const usual = process.env['TMPDIR'];
    // Of its own: other tests try models at the same time.
    const own = mkdtempSync(join(tmpdir(), 'labelwright-alone-'));
    process.env['TMPDIR'] = own;
    try {
      await runTrial(request(channelMeans()), limits);
      expect(readdirSync(own)).toEqual([]);
    } finally {
      if (usual === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = usual;
      rmSync(own, { recursive: true });
    }
  });
});

describe('hostile files', () => {
  const accepted = readdirSync(corpus).filter((name) => {
    try {
      inspectOnnx(join(corpus, name), statSync(join(corpus, name)).size);
      return name.endsWith('.onnx');
    } catch {
      return false;
    }
  });

  test('that a first look lets through are there to be tried', () => {
    expect(accepted.length).toBeGreaterThan(5);
  });

  test.each(accepted)('%s ends in a result or a reason within 5 s', async (name) => {
    const started = performance.now();
    const trial = runTrial({ ...request(Buffer.alloc(0)), file: join(corpus, name) }, limits);
    const ended = await trial.catch((thrown: unknown) => AppError.from(thrown));

    expect(performance.now() - started).toBeLessThan(6_000);
    if (ended instanceof AppError) {
      expect(ended.code).toBe('model.invalid');
      expect(ended.message).not.toMatch(/onnxruntime_src|\n/);
    }
  });

  test('that never answer are ended in time', async () => {
    const trial = runTrial(request(endlessGraph()), { ...limits, timeoutMs: 1_000 });

    await expect(trial).rejects.toMatchObject({ code: 'model.invalid', message: 'The model gave no answer in 1 s' });
    expect(trialsOf(process.pid)).toEqual([]);
  });

  test('that eat memory are ended before the machine feels it', async () => {
    const trial = runTrial(request(greedyGraph()), { timeoutMs: 25_000, maxRssBytes: 256 * 1024 ** 2 });

    await expect(trial).rejects.toMatchObject({
      code: 'model.invalid',
      message: 'The model needs more than 256 MB of memory',
    });
    expect(trialsOf(process.pid)).toEqual([]);
  });

  test('that want impossible pictures are told so', async () => {
    const trial = runTrial(request(channelMeans({ side: 100_000 })), limits);

    await expect(trial).rejects.toMatchObject({ message: 'The model wants pictures of 3 × 100000 × 100000 numbers' });
  });

  test('that insist on another number of pictures give the runtime’s reason', async () => {
    const trial = runTrial(request(channelMeans({ rows: 2 })), limits);

    await expect(trial).rejects.toMatchObject({
      code: 'model.invalid',
      message: expect.stringContaining('Got: 1 Expected: 2') as string,
    });
  });
});

describe.runIf(process.platform === 'linux')('a trial that is blocked in native code', () => {
  test('and crashes gives the signal as the reason', async () => {
    const trial = runTrial(request(endlessGraph()), limits);
    process.kill(await firstTrialOf(process.pid), 'SIGSEGV');

    await expect(trial).rejects.toMatchObject({
      code: 'model.invalid',
      message: 'The model crashed while it was tried (SIGSEGV)',
    });
  });

  test('ends when it is cancelled', async () => {
    const stop = new AbortController();
    const trial = runTrial(request(endlessGraph()), { ...limits, signal: stop.signal });
    const pid = await firstTrialOf(process.pid);
    await delay(500);
    stop.abort();

    await expect(trial).rejects.toMatchObject({ code: 'aborted' });
    expect(isAlive(pid)).toBe(false);
  });

  test('ends when the engine is killed', async () => {
    const { href } = new URL('../../../electron/engine/inference/trial.ts', import.meta.url);
    const code = `import { runTrial } from '${href}';
      await runTrial(${JSON.stringify(request(endlessGraph()))}, { timeoutMs: 60_000, maxRssBytes: 1e9 });`;
    const engine = spawn(process.execPath, ['--input-type=module', '--eval', code], { stdio: 'ignore' });
    const pid = await firstTrialOf(engine.pid!);
    // Long enough for the trial to be inside the loop.
    await delay(1_500);
    expect(isAlive(pid)).toBe(true);
    engine.kill('SIGKILL');
    await once(engine, 'exit');
    await delay(500);

    expect(isAlive(pid)).toBe(false);
  });
});

test('a provider that the runtime does not have fails with its name', async () => {
  const absent = process.platform === 'win32' ? 'coreml' : 'dml';
  const trial = runTrial(request(channelMeans(), { provider: absent }), limits);

  await expect(trial).rejects.toMatchObject({
    code: 'provider.failed',
    message: expect.stringContaining(`[${absent}] backend not found`) as string,
  });
});
