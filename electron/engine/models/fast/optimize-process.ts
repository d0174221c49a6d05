/** @file Entry of the process that makes an integer form: one request in, progress and one answer out. */
import { once } from 'node:events';
import { AppError } from '#core/errors.ts';
import { goUnderWatch } from '../../inference/under-watch.ts';
import { findVariant } from './find-variant.ts';
import type { FromOptimizer, OptimizeStep, ToOptimizer } from './optimize-protocol.ts';

/** Progress at most this often, milliseconds; the first and the last of a stage always. */
const tellEveryMs = 200;

function send(message: FromOptimizer): void {
  if (process.connected) process.send!(message, undefined, undefined, () => undefined);
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
await goUnderWatch(limits);
send(
  await findVariant(request, tell).then(
    (result): FromOptimizer => ({ type: 'made', result }),
    (thrown: unknown): FromOptimizer => ({ type: 'failed', error: AppError.from(thrown).serialize() }),
  ),
);
