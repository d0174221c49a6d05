/**
 * @file Entry of the process that tries a model: one request in, one answer out, then it is killed. Also the entry of
 * its threads, one for each session of a contest.
 */
import { once } from 'node:events';
import { isMainThread } from 'node:worker_threads';
import { env, listSupportedBackends } from 'onnxruntime-node';
import { AppError } from '#core/errors.ts';
import type { FromTrial, ToTrial } from './trial-protocol.ts';
import { runModel } from './trial-session.ts';
import { goUnderWatch } from './under-watch.ts';

async function answer(message: ToTrial): Promise<FromTrial> {
  if (message.type === 'backends') {
    return { type: 'backends', backends: listSupportedBackends(), runtimeVersion: env.versions.node ?? 'unknown' };
  }
  await goUnderWatch(message.limits);
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
