/** @file The thread of one session: pixels from their slots, scores ranked. `session.run` blocks it, and it alone. */
import { parentPort, workerData } from 'node:worker_threads';
import { AppError } from '#core/errors.ts';
import { ranker } from './classify.ts';
import { lowerThisThread } from './priority.ts';
import type { FromSession, SessionData, ToSession } from './protocol.ts';
import { openSession, type Session } from './session.ts';
import { slotPixels } from './slots.ts';

const port = parentPort!;
const { slots, model, gentle, ...options } = workerData as SessionData;
// Before the session is made: threads of its own inherit the priority.
if (gentle) lowerThisThread();
const rank = ranker(model);
/** Ends when everything asked so far is answered. */
let tail: Promise<void> = Promise.resolve();

function send(message: FromSession, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

async function answer(session: Session, { id, slots: rows, topK }: Extract<ToSession, { type: 'run' }>): Promise<void> {
  try {
    const found = await session.run(rows.map((slot) => slotPixels(slots, slot)));
    const outputs = found.map((output) => output && rank(output, topK));
    const transfer = outputs.flatMap((output) => (output?.features ? [output.features.buffer as ArrayBuffer] : []));
    send({ type: 'ran', id, outputs }, transfer);
  } catch (thrown) {
    send({ type: 'failed', id, error: AppError.from(thrown).serialize() });
  }
}

async function end(session: Session): Promise<void> {
  await session.release();
  // Nothing else keeps the thread alive, so it ends by itself; it is never terminated.
  port.close();
}

try {
  const session = await openSession(model, options);
  port.on('message', (message: ToSession) => {
    tail = tail.then(() => (message.type === 'run' ? answer(session, message) : end(session)));
  });
  send({ type: 'ready' });
} catch (thrown) {
  send({ type: 'broken', error: AppError.from(thrown).serialize() });
}
