/** @file Settings timed against each other: the shape of what comes out; never how fast it is. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runContest } from '../../../electron/engine/inference/trial.ts';
import type { ContestRequest, Entrant } from '../../../electron/engine/inference/trial-protocol.ts';
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

  test('ends when it is cancelled', async () => {
    const stop = new AbortController();
    const contest = runContest(await request({ maxRounds: 1_000_000, stopAfterMs: 60_000 }), {
      ...limits,
      signal: stop.signal,
    });
    setTimeout(() => stop.abort(), 500);

    await expect(contest).rejects.toMatchObject({ code: 'aborted' });
  });
});
