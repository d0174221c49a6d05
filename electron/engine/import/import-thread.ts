/** @file The thread that reads labels, as the engine sees it: one question at a time. */
import { Worker } from 'node:worker_threads';
import { AppError } from '#core/errors.ts';
import type { ImportOptions, ImportPlan } from '#core/label-import.ts';
import type { ImportedLabels } from '../store/review.ts';
import type { FromImport, ImportThreadData, ToImport } from './protocol.ts';

export interface ImportThread extends AsyncDisposable {
  plan(options: ImportOptions): Promise<Omit<ImportPlan, 'importId'>>;
  /** Of the last plan. */
  labels(): Promise<ImportedLabels>;
}

export type ReadingProgress = Omit<Extract<FromImport, { type: 'progress' }>, 'type'>;

/** Heap of the thread, MiB: a file that needs more than this is refused instead of taking the engine along. */
const maxHeapMb = 1024;
/** Of what was made just now, MiB: rows are gone at once, so a larger nursery only takes memory. */
const maxYoungMb = 12;

/**
 * Processor time without any sign of getting on, seconds: whatever a file does to the libraries that read it, the thread
 * ends. Time on the clock would refuse good files on a busy machine.
 */
const maxStuckSeconds = 120;
/** How often that is looked at, milliseconds. */
const lookMs = 1000;

export function openImportThread(
  data: ImportThreadData,
  onProgress: (progress: ReadingProgress) => void,
  stuckSeconds = maxStuckSeconds,
): ImportThread {
  const worker = new Worker(threadUrl(), {
    workerData: data,
    name: 'import-worker',
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMb, maxYoungGenerationSizeMb: maxYoungMb },
  });
  let waiting: PromiseWithResolvers<never> | undefined;
  let ended: AppError | undefined;
  let looking: NodeJS.Timeout | undefined;

  function end(reason: AppError): void {
    ended ??= reason;
    clearInterval(looking);
    waiting?.reject(ended);
    waiting = undefined;
  }

  /** Ends the thread when it has worked for too long since the last message. */
  function watch(): void {
    let freeSeconds: number | undefined;
    clearInterval(looking);
    looking = setInterval(() => {
      worker.cpuUsage().then(
        ({ user, system }) => {
          const usedSeconds = (user + system) / 1e6;
          freeSeconds ??= usedSeconds;
          if (!waiting || usedSeconds - freeSeconds < stuckSeconds) return;
          end(
            new AppError(
              'input.invalid',
              'The file cannot be read: working on it leads to nothing; it must be damaged',
            ),
          );
          void worker.terminate();
        },
        // It has ended meanwhile.
        () => {},
      );
    }, lookMs);
    looking.unref();
  }

  worker.on('message', (message: FromImport) => {
    if (message.type === 'progress') {
      watch();
      return onProgress(message);
    }
    const asked = waiting;
    waiting = undefined;
    clearInterval(looking);
    if (message.type === 'plan') asked?.resolve(message.plan as never);
    else if (message.type === 'labels') asked?.resolve(message.labels as never);
    else asked?.reject(AppError.deserialize(message.error));
  });
  worker.on('error', (cause) => {
    const isFull = (cause as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY';
    const message = isFull ? 'The file needs more memory than there is for it' : `Reading it failed: ${String(cause)}`;
    end(new AppError(isFull ? 'input.invalid' : 'internal', message, { cause }));
  });
  worker.on('exit', () => end(new AppError('aborted', 'The import was put away')));

  function ask(message: ToImport): Promise<never> {
    if (ended) return Promise.reject(ended);
    if (waiting) return Promise.reject(new AppError('busy', 'The file is being read'));
    waiting = Promise.withResolvers<never>();
    watch();
    worker.postMessage(message);
    return waiting.promise;
  }

  return {
    plan: (options) => ask({ type: 'plan', options }),
    labels: () => ask({ type: 'labels' }),
    async [Symbol.asyncDispose]() {
      end(new AppError('aborted', 'The import was put away'));
      await worker.terminate();
    },
  };
}

/** Beside this file in the sources, beside the engine in the build. */
function threadUrl(): URL {
  return import.meta.url.endsWith('.ts')
    ? new URL('./import-worker.ts', import.meta.url)
    : new URL('./import-worker.mjs', import.meta.url);
}
