/**
 * @file Entry of the process that tries a model: one request in, one answer out, then it is killed. Also the entry of
 * its threads, one for each session of a contest.
 */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { isMainThread, Worker } from 'node:worker_threads';
import { env, listSupportedBackends } from 'onnxruntime-node';
import { AppError } from '#core/errors.ts';
import type { FromTrial, ToTrial, TrialLimits } from './trial-protocol.ts';
import { runModel } from './trial-session.ts';
import type { WatchData } from './trial-watch.ts';

const parentPid = process.ppid;

async function watch(limits: TrialLimits): Promise<void> {
  const workerData: WatchData = { ...limits, parentPid };
  const watcher = new Worker(watchUrl(), { workerData });
  watcher.unref();
  await once(watcher, 'online');
}

/** From source it is TypeScript beside this file; in the bundle it lies beside it under its own name. */
function watchUrl(): URL {
  return import.meta.url.endsWith('.ts')
    ? new URL('./trial-watch.ts', import.meta.url)
    : new URL('./trial-watch.mjs', import.meta.url);
}

/** When the machine runs out of memory, this process is the one to go, not the engine or the desktop. */
function volunteer(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch {
    // Only Linux has it; the watch limits memory everywhere.
  }
}

async function answer(message: ToTrial): Promise<FromTrial> {
  if (message.type === 'backends') {
    return { type: 'backends', backends: listSupportedBackends(), runtimeVersion: env.versions.node ?? 'unknown' };
  }
  volunteer();
  await watch(message.limits);
  if (message.type === 'run') return { type: 'ran', result: await runModel(message.request) };
  const { runContest } = await import('./trial-contest.ts');
  return { type: 'contested', result: await runContest(message.request, new URL(import.meta.url)) };
}

async function serveEngine(): Promise<void> {
  process.once('disconnect', () => process.exit());
  const [message] = (await once(process, 'message')) as [ToTrial];
  const reply = await answer(message).catch((thrown: unknown): FromTrial => ({
    type: 'failed',
    error: AppError.from(thrown).serialize(),
  }));
  process.send!(reply);
}

async function serveContest(): Promise<void> {
  const { serveContestant } = await import('./trial-contestant.ts');
  await serveContestant();
}

await (isMainThread ? serveEngine() : serveContest());
