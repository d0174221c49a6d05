/** @file The thread that learns, as the engine sees it: begun by the first question, ended when none came for long. */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { AppError } from '#core/errors.ts';
import { libvips } from '../libvips.ts';
import type { Answered, Asked, FromLearn, QuestionName, ToLearn } from './protocol.ts';

/** It holds what is known of a dataset's pictures, up to 150 MB for 100,000: long enough that a pause costs nothing. */
const idleMs = 5 * 60_000;
const stopMs = 10_000;

export interface LearnThread extends AsyncDisposable {
  /** @throws {AppError} what the thread says is wrong; 'inference.failed' when it ended; 'aborted' when we are closing */
  ask<Name extends QuestionName>(name: Name, input: Asked<Name>): Promise<Answered<Name>>;
  readonly running: boolean;
}

/** @param onReading  how far reading of a dataset's embeddings is, in [0, 1] */
export function openLearnThread(
  libraryPath: string,
  onReading: (datasetId: number, done: number) => void,
): LearnThread {
  type Pending = { resolve: (value: never) => void; reject: (reason: AppError) => void };
  interface Running {
    worker: Worker;
    pending: Map<number, Pending>;
    exited: Promise<unknown>;
  }
  let running: Running | undefined;
  let closed = false;
  let nextId = 1;
  let idle: NodeJS.Timeout | undefined;

  function start(): Running {
    const worker = new Worker(threadUrl(), { workerData: libraryPath, name: 'learn-worker' });
    const started: Running = { worker, pending: new Map(), exited: once(worker, 'exit').catch(() => undefined) };
    const die = (reason: AppError) => {
      if (running === started) running = undefined;
      for (const { reject } of started.pending.values()) reject(reason);
      started.pending.clear();
    };
    worker.on('message', (message: FromLearn) => {
      if (message.type === 'reading') return onReading(message.datasetId, message.done);
      const question = started.pending.get(message.id);
      started.pending.delete(message.id);
      if (message.type === 'answer') question?.resolve(message.value as never);
      else question?.reject(AppError.deserialize(message.error));
      rest();
    });
    worker.on('error', (cause) => die(new AppError('inference.failed', 'The thread that learns crashed', { cause })));
    worker.on('exit', () => die(new AppError('inference.failed', 'The thread that learns stopped')));
    return started;
  }

  /** Asked, not terminated: ending it in the middle of a product aborts the whole process. */
  async function stop(): Promise<void> {
    const ending = running;
    running = undefined;
    if (!ending) return;
    ending.worker.postMessage({ type: 'stop' } satisfies ToLearn);
    const stopped = await Promise.race([ending.exited.then(() => true), delay(stopMs, false, { ref: false })]);
    if (!stopped) ending.worker.unref();
  }

  function rest(): void {
    clearTimeout(idle);
    if (!running || running.pending.size > 0) return;
    idle = setTimeout(() => void stop(), idleMs);
    idle.unref();
  }

  return {
    ask(name, input) {
      if (closed) return Promise.reject(new AppError('aborted', 'The library is closed'));
      clearTimeout(idle);
      // The main thread has to initialise libvips first; threads then share it.
      if (name === 'activation') libvips();
      running ??= start();
      const id = nextId++;
      const answer = Promise.withResolvers<never>();
      running.pending.set(id, answer);
      running.worker.postMessage({ type: 'ask', id, name, input } satisfies ToLearn);
      return answer.promise;
    },

    get running() {
      return running !== undefined;
    },

    async [Symbol.asyncDispose]() {
      closed = true;
      clearTimeout(idle);
      await stop();
    },
  };
}

/** Beside this file in the sources, beside the engine in the build. */
function threadUrl(): URL {
  return import.meta.url.endsWith('.ts')
    ? new URL('./learn-worker.ts', import.meta.url)
    : new URL('./learn-worker.mjs', import.meta.url);
}
