/** @file Settings timed against each other: the shape of what comes out; never how fast it is. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { runContest } from '../../../electron/engine/inference/trial.ts';
import type { ContestRequest, Entrant } from '../../../electron/engine/inference/trial-protocol.ts';
import { temporaryFolder } from '../../support/library.ts';
import { installed, smallResnext, smallSide } from '../../support/resnext-model.ts';

const limits = { timeoutMs: 60_000, maxRssBytes: 2 * 1024 ** 3 };

async function request(changes: Partial<ContestRequest> = {}): Promise<ContestRequest> {
  const { folder, sha256 } = await installed(smallResnext());
  const file = { path: join(folder, 'model.onnx'), sha256 };
  const entrant: Entrant = { file, mergeWidth: 0, sessions: 1, threads: 1, rows: 2 };
  return {
    entrants: [entrant, { ...entrant, mergeWidth: 16 }, { ...entrant, sessions: 2, rows: 1 }],
    maxRounds: 3,
    stopAfterMs: 10_000,
    turnMs: 1,
    width: smallSide,
    height: smallSide,
    values: 'normalised',
    ...changes,
  };
}

/** Until the trial's process has arranged a model below `folder`. */
async function aModelIn(folder: string): Promise<void> {
  while (!readdirSync(folder, { recursive: true }).some((path) => String(path).endsWith('weights'))) await delay(1);
}

describe('a contest', () => {
  test('gives each entrant its turn in every round, and what a session takes', async () => {
    const { turns, sessionBytes } = await runContest(await request(), limits);

    expect(turns.map((each) => each.length)).toEqual([3, 3, 3]);
    for (const { imagesPerSecond, cpuMsPerImage } of turns.flat()) {
      expect(imagesPerSecond).toBeGreaterThan(0);
      expect(cpuMsPerImage).toBeGreaterThan(0);
    }
    expect(sessionBytes).toBeGreaterThan(1024 ** 2);
  });

  test('ends when its time is over, after two rounds at least', async () => {
    const { turns } = await runContest(await request({ maxRounds: 1_000_000, stopAfterMs: 0 }), limits);

    expect(turns.map((each) => each.length)).toEqual([2, 2, 2]);
  });

  test('refuses a file that is not the one it was promised', async () => {
    const asked = await request();
    asked.entrants[1]!.file = { ...asked.entrants[1]!.file, sha256: '0'.repeat(64) };

    await expect(runContest(asked, limits)).rejects.toMatchObject({ code: 'model.corrupt' });
  });

  test('ends when it is cancelled, and leaves nothing', async () => {
    const asked = await request({ maxRounds: 1_000_000, stopAfterMs: 60_000 });
    const temporary = temporaryFolder();
    vi.stubEnv('TMPDIR', temporary);
    onTestFinished(() => void vi.unstubAllEnvs());
    const stop = new AbortController();
    const contest = runContest(asked, { ...limits, signal: stop.signal });
    // While it has a private copy of the model, or soon after.
    await aModelIn(temporary);
    stop.abort();

    await expect(contest).rejects.toMatchObject({ code: 'aborted' });
    expect(readdirSync(temporary)).toEqual([]);
  });
});
