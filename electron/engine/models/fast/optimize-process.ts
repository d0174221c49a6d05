/** @file Entry of the process that makes an integer form: one request in, progress and one answer out. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { AppError } from '#core/errors.ts';
import type { WatchData } from '../../inference/trial-watch.ts';
import { findVariant } from './find-variant.ts';
import type { FromOptimizer, OptimizeStep, ToOptimizer } from './optimize-protocol.ts';

/** Progress at most this often, milliseconds; the first and the last of a stage always. */
const tellEveryMs = 200;

const parentPid = process.ppid;

function send(message: FromOptimizer): void {
  if (process.connected) process.send!(message, undefined, undefined, () => undefined);
}

/** A thread of its own ends the process when its time, its memory or its parent is gone. */
async function watch(limits: ToOptimizer['limits']): Promise<void> {
  const workerData: WatchData = { ...limits, parentPid };
  const watcher = new Worker(watchUrl(), { workerData });
  watcher.unref();
  await once(watcher, 'online');
}

/** From source it is TypeScript; in the bundle it lies beside this file under its own name. */
function watchUrl(): URL {
  return import.meta.url.endsWith('.ts')
    ? new URL('../../inference/trial-watch.ts', import.meta.url)
    : new URL('./trial-watch.mjs', import.meta.url);
}

let told: { stage: OptimizeStep['stage']; ms: number } | null = null;
function tell(progress: OptimizeStep): void {
  const now = performance.now();
  if (told?.stage === progress.stage && progress.done !== progress.total && now - told.ms < tellEveryMs) return;
  told = { stage: progress.stage, ms: now };
  send({ type: 'progress', progress });
}

process.once('disconnect', () => process.exit());
const [{ request, limits }] = (await once(process, 'message')) as [ToOptimizer];
await watch(limits);
send(
  await findVariant(request, tell).then(
    (result): FromOptimizer => ({ type: 'made', result }),
    (thrown: unknown): FromOptimizer => ({ type: 'failed', error: AppError.from(thrown).serialize() }),
  ),
);
