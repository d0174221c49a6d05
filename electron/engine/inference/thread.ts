/** @file One inference thread as the engine sees it: started, told things, asked to stop. */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { AppError } from '#core/errors.ts';
import { libvips } from '../libvips.ts';
import type { ThreadState } from './protocol.ts';

const stopMs = 10_000;

export interface Thread<To> {
  /** @throws {AppError} what the thread says is wrong, or 'inference.failed' when it ended */
  readonly ready: Promise<void>;
  tell(message: To): void;
  /** Settles when the thread has ended; one that hangs in native code is left alone after ten seconds. */
  stop(): Promise<void>;
  /** It will never answer: do not wait for it at the end. */
  abandon(): void;
}

export interface ThreadHooks<From> {
  onMessage: (message: Exclude<From, ThreadState>) => void;
  /** Any sign of life. */
  onAlive: () => void;
  /** Once, when it ended or could not begin, unless it was asked to stop. */
  onDeath: (reason: AppError) => void;
}

/**
 * @param name  of the file beside this one, without its ending
 * @param data  handed over as `workerData`
 */
export function startThread<To, From extends { type: string }>(
  name: 'decode-worker' | 'session-worker',
  data: object,
  { onMessage, onAlive, onDeath }: ThreadHooks<From>,
): Thread<To> {
  // The main thread has to initialise libvips first; the threads then share it.
  libvips();
  const worker = new Worker(threadUrl(name), {
    workerData: data,
    name,
    // Messages are small: a young generation of the usual size would only let garbage pile up in memory.
    resourceLimits: { maxYoungGenerationSizeMb: 6 },
  });
  const exited = once(worker, 'exit').catch(() => undefined);
  const ready = Promise.withResolvers<void>();
  ready.promise.catch(() => {}); // its death is told as well
  let stopping = false;
  let dead = false;

  function die(reason: AppError): void {
    if (dead) return;
    dead = true;
    ready.reject(reason);
    if (!stopping) onDeath(reason);
  }

  worker.on('message', (message: From | ThreadState) => {
    onAlive();
    if (message.type === 'ready') ready.resolve();
    else if (message.type === 'broken') die(AppError.deserialize((message as ThreadState & { type: 'broken' }).error));
    else onMessage(message as Exclude<From, ThreadState>);
  });
  worker.on('error', (cause) => die(new AppError('inference.failed', 'An inference thread crashed', { cause })));
  worker.on('exit', (exitCode) =>
    die(new AppError('inference.failed', 'An inference thread stopped', { details: { exitCode } })),
  );

  return {
    ready: ready.promise,
    tell: (message) => worker.postMessage(message),
    async stop() {
      stopping = true;
      if (!dead) {
        // Asked, not terminated: ending the thread in the middle of `session.run` aborts the whole process.
        worker.postMessage({ type: 'stop' });
        const stopped = await Promise.race([exited.then(() => true), delay(stopMs, false, { ref: false })]);
        if (!stopped) worker.unref();
      }
    },
    abandon: () => worker.unref(),
  };
}

/** From source the threads are TypeScript beside this file; in the bundle they lie beside the engine's entry. */
function threadUrl(name: string): URL {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'mjs';
  return new URL(`./${name}.${ending}`, import.meta.url);
}
