/** @file The thread that learns: a connection that only reads, embeddings in memory, answers by message. */
import { parentPort, workerData } from 'node:worker_threads';
import { AppError } from '#core/errors.ts';
import { openReader } from '../store/database.ts';
import { openAnswers } from './answers.ts';
import type { Multiplier } from './head-model.ts';
import type { FromLearn, ToLearn } from './protocol.ts';

const port = parentPort!;
const send = (message: FromLearn) => port.postMessage(message);
const db = openReader(workerData as string);
let products: Promise<Multiplier> | undefined;
// The runtime is loaded by the first product: some questions need none.
const multiplier = () => (products ??= import('./multiplier.ts').then(({ openMultiplier }) => openMultiplier()));
const stopping = new AbortController();
const onReading = (datasetId: number, done: number) => send({ type: 'reading', datasetId, done });
const answers = openAnswers(db, multiplier, onReading, stopping.signal);
const working = new Set<Promise<void>>();

async function answer({ id, name, input }: Extract<ToLearn, { type: 'ask' }>): Promise<void> {
  try {
    const value = await (answers[name] as (input: unknown) => Promise<unknown>)(input);
    send({ type: 'answer', id, value });
  } catch (thrown) {
    send({ type: 'failed', id, error: AppError.from(thrown).serialize() });
  }
}

port.on('message', (message: ToLearn) => {
  if (message.type === 'ask') {
    const work = answer(message).finally(() => working.delete(work));
    working.add(work);
    return;
  }
  stopping.abort();
  void Promise.allSettled(working).then(async () => {
    await answers[Symbol.asyncDispose]();
    if (products) await (await products)[Symbol.asyncDispose]();
    db.close();
    // Nothing else keeps the thread alive, so it ends by itself; it is never terminated.
    port.close();
  });
});
