/** @file The engine's side of the inference worker thread: one request, one promise. */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
// libvips has to be initialised by the main thread first; the worker then shares it.
import 'sharp';
import { AppError } from '#core/errors.ts';
import type { InstalledModel } from '../models/manifest.ts';
import type { Classified, FromWorker, ImageToClassify, ToWorker, WorkerData, WorkerOptions } from './protocol.ts';

/** The watch ticks instead of sleeping long: a machine that was suspended misses ticks, not deadlines. */
const tickMs = 5_000;
/** 60 s without any answer. */
const silentTicks = 12;
/** 120 s for loading the model. */
const loadTicks = 24;
const stopMs = 10_000;

export interface Classifier extends AsyncDisposable {
  /**
   * Up to three batches may be under way at once; they are answered in order.
   *
   * @param images  one batch; 16 is plenty
   * @returns       one entry per image, in the same order; bad pictures are entries with `ok: false`
   * @throws {AppError} 'inference.failed' if the worker died, or gave no answer for 60 s (then this process has to be
   *   killed, since `process.exit` waits for the thread); 'aborted' if `signal` fires first
   */
  classify(images: ImageToClassify[], options: { topK: number; signal?: AbortSignal }): Promise<Classified[]>;
}

/**
 * @returns  when the session is loaded and has passed its self-test
 * @throws {AppError} 'model.not-found', 'model.corrupt', 'model.invalid', 'inference.failed'
 */
export async function openClassifier(model: InstalledModel, options: WorkerOptions): Promise<Classifier> {
  const worker = new Worker(workerUrl(), { workerData: { model, options } satisfies WorkerData });
  const pending = new Map<number, PromiseWithResolvers<Classified[]>>();
  const ready = Promise.withResolvers<void>();
  let nextId = 1;
  let death: AppError | undefined;
  let loading = true;
  let quietTicks = 0;

  // Nobody may wait for a dead worker: every open and every later request fails with the same reason.
  function die(reason: AppError): void {
    death ??= reason;
    clearInterval(watch);
    ready.reject(death);
    for (const request of pending.values()) request.reject(death);
    pending.clear();
  }

  const watch = setInterval(() => {
    if (!loading && pending.size === 0) return;
    quietTicks++;
    if (quietTicks < (loading ? loadTicks : silentTicks)) return;
    // Stuck in native code the thread cannot be stopped, and `process.exit` would wait for it: the process has to be
    // killed.
    worker.unref();
    die(new AppError('inference.failed', 'The inference worker does not answer'));
  }, tickMs);
  watch.unref();

  worker.on('message', (message: FromWorker) => {
    quietTicks = 0;
    if (message.type === 'ready') {
      loading = false;
      ready.resolve();
    } else if (message.type === 'broken') {
      die(AppError.deserialize(message.error));
    } else {
      const request = pending.get(message.id);
      pending.delete(message.id);
      if (message.type === 'classified') request?.resolve(message.images);
      else request?.reject(AppError.deserialize(message.error));
    }
  });
  worker.on('error', (cause) => die(new AppError('inference.failed', 'The inference worker crashed', { cause })));
  worker.on('exit', (exitCode) =>
    die(new AppError('inference.failed', 'The inference worker stopped', { details: { exitCode } })),
  );

  await ready.promise;

  function tell(message: ToWorker): void {
    worker.postMessage(message);
  }

  return {
    async classify(images, { topK, signal }) {
      if (death) throw death;
      if (signal?.aborted) throw new AppError('aborted', 'The batch was cancelled');
      const id = nextId++;
      const request = Promise.withResolvers<Classified[]>();
      const abort = () => {
        pending.delete(id);
        tell({ type: 'cancel', id });
        request.reject(new AppError('aborted', 'The batch was cancelled'));
      };
      if (pending.size === 0) quietTicks = 0;
      pending.set(id, request);
      signal?.addEventListener('abort', abort, { once: true });
      tell({ type: 'classify', id, images, topK });
      try {
        return await request.promise;
      } finally {
        signal?.removeEventListener('abort', abort);
      }
    },

    async [Symbol.asyncDispose]() {
      clearInterval(watch);
      if (death) return;
      // Asked, not terminated: ending the thread in the middle of `session.run` aborts the whole process.
      const exited = once(worker, 'exit');
      tell({ type: 'stop' });
      const stopped = await Promise.race([exited.then(() => true), delay(stopMs, false, { ref: false })]);
      if (!stopped) worker.unref();
    },
  };
}

/** From source the worker is TypeScript beside this file; in the bundle it lies beside the engine's entry. */
function workerUrl(): URL {
  return import.meta.url.endsWith('.ts')
    ? new URL('./worker.ts', import.meta.url)
    : new URL('./worker.mjs', import.meta.url);
}
