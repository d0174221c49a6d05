/**
 * @file The inference worker thread: decodes batches as they arrive, runs the session on them one after the other.
 *
 * `session.run` blocks this thread, decoding (in libuv's pool) does not: while one batch runs, the next is decoded.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { AppError } from '#core/errors.ts';
import { combine, prepare, type Prepared } from './classify.ts';
import { limiter } from '../limiter.ts';
import type { FromWorker, ToWorker, WorkerData } from './protocol.ts';
import { openSession, type Session } from './session.ts';

const port = parentPort!;
const { model, options } = workerData as WorkerData;
const cancelled = new Set<number>();
const limit = limiter(options.decoders);
/** Ends when everything asked so far is answered. */
let tail: Promise<void> = Promise.resolve();

function send(message: FromWorker, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

function serve(session: Session, message: ToWorker): void {
  if (message.type === 'cancel') {
    cancelled.add(message.id);
  } else if (message.type === 'stop') {
    tail = tail.then(async () => {
      await session.release();
      // Nothing else keeps the thread alive, so it ends by itself; it is never terminated.
      port.close();
    });
  } else {
    const decoding = message.images.map((image) =>
      limit(async (): Promise<Prepared | null> => (cancelled.has(message.id) ? null : prepare(image, model.manifest))),
    );
    tail = tail.then(() => answer(session, message, decoding));
  }
}

async function answer(
  session: Session,
  { id, topK }: Extract<ToWorker, { type: 'classify' }>,
  decoding: Promise<Prepared | null>[],
): Promise<void> {
  try {
    const prepared = (await Promise.all(decoding)).filter((picture) => picture !== null);
    // Messages that wait get their decodes started before this thread is blocked.
    await nextTurn();
    if (cancelled.delete(id)) return;
    const outputs = await session.run(prepared.map(({ rgb }) => rgb).filter((rgb) => rgb !== null));
    const images = combine(prepared, outputs, model, topK);
    const transfer = images.flatMap((image) =>
      image.ok && image.features ? [image.features.buffer as ArrayBuffer] : [],
    );
    send({ type: 'classified', id, images }, transfer);
  } catch (thrown) {
    send({ type: 'failed', id, error: AppError.from(thrown).serialize() });
  }
}

try {
  const session = await openSession(model, options);
  port.on('message', (message: ToWorker) => serve(session, message));
  send({ type: 'ready' });
} catch (thrown) {
  send({ type: 'broken', error: AppError.from(thrown).serialize() });
}
