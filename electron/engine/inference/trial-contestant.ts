/** @file A thread of a trial's process with one session, which runs when it is its turn. */
import { parentPort, workerData } from 'node:worker_threads';
import type { InferenceSession } from 'onnxruntime-node';
import { AppError, type SerializedError } from '#core/errors.ts';
import type { Entrant, TrialPicture } from './trial-protocol.ts';
import { createSession, feedsOf } from './trial-session.ts';

export interface ContestantData {
  entrant: Pick<Entrant, 'file' | 'mergeWidth' | 'threads'>;
  picture: TrialPicture;
}

/** Run batches of `rows` until `turnMs` have passed, one at least. */
export interface ToContestant {
  rows: number;
  turnMs: number;
}

export type FromContestant =
  | { type: 'ready' }
  | { type: 'turn'; imagesPerSecond: number; images: number }
  | { type: 'failed'; error: SerializedError };

/** Serves its parent until the process ends. */
export async function serveContestant(): Promise<void> {
  const port = parentPort!;
  const { entrant, picture } = workerData as ContestantData;
  const send = (message: FromContestant) => port.postMessage(message);
  const fail = (thrown: unknown) => send({ type: 'failed', error: AppError.from(thrown).serialize() });
  try {
    const { file, mergeWidth, threads } = entrant;
    const arranged = { sha256: file.sha256, mergeWidth };
    const session = await createSession({ file: file.path, arranged, provider: 'cpu', threads });
    const turn = turns(session, picture);
    port.on('message', (message: ToContestant) => void turn(message).then(send).catch(fail));
    send({ type: 'ready' });
  } catch (thrown) {
    fail(thrown);
  }
}

function turns(
  session: InferenceSession,
  picture: TrialPicture,
): (turn: ToContestant) => Promise<Extract<FromContestant, { type: 'turn' }>> {
  let feeds: InferenceSession.FeedsType = {};
  let feedRows = 0;
  return async ({ rows, turnMs }) => {
    if (feedRows !== rows) feeds = feedsOf(session, rows, picture);
    feedRows = rows;
    const started = performance.now();
    let images = 0;
    let elapsedMs: number;
    do {
      await session.run(feeds);
      images += rows;
      elapsedMs = performance.now() - started;
    } while (elapsedMs < turnMs);
    return { type: 'turn', images, imagesPerSecond: (images * 1000) / elapsedMs };
  };
}
