/** @file How a model runs fastest on this machine: measured once, remembered. */
import { availableParallelism } from 'node:os';
import { AppError } from '#core/errors.ts';
import type { Tuning } from '#core/model.ts';
import type { ExecutionProvider } from '#core/providers.ts';
import type { Machine } from './machine.ts';
import type { InstalledModel } from './manifest.ts';
import { guessTuning } from './tuning-guess.ts';
import { tune } from './tuning-contest.ts';

export interface TuningWishes {
  provider: ExecutionProvider;
  /** What the person set; 0 leaves it to us. */
  threads: number;
  batchSize: number;
  /** Pictures that wait: measuring takes seconds and has to pay. */
  pictureCount: number;
  /** Called before a measurement, which takes about ten seconds. */
  onMeasuring?: () => void;
  signal?: AbortSignal;
}

/** Disposed of, it ends what is being measured. */
export interface Tunings extends AsyncDisposable {
  /** What is known, what can be measured now, or a guess: in that order. Never rejects, except with 'aborted'. */
  forRun(model: InstalledModel, wishes: TuningWishes): Promise<Tuning>;
  /**
   * Measure now, whatever is known, and remember it.
   *
   * @param options.threads  what the person set; 0 leaves it to us
   * @throws {AppError} 'model.invalid' or 'provider.failed' with the reason if it does not run; 'aborted' through
   *   `signal`, or because a run has come that must not wait
   */
  measure(
    model: InstalledModel,
    options: { provider: ExecutionProvider; threads: number; signal?: AbortSignal | undefined },
  ): Promise<Tuning>;
}

/** What a measurement takes, and how long a run has to be for that to be a twentieth of it. */
const measuringMs = 10_000;
const worthwhileMs = 20 * measuringMs;

interface Measurement {
  key: string;
  stop: AbortController;
  ended: Promise<Tuning>;
}

export function openTunings(machine: Machine): Tunings {
  /** One at a time: two would slow each other down. */
  let current: Measurement | null = null;
  /** What could not be measured is not tried again by every run. */
  const failed = new Set<string>();
  let closed = false;

  function begin(model: InstalledModel, provider: ExecutionProvider, cores: number): Measurement {
    // It may have been closed while an earlier measurement made room.
    if (closed) throw new AppError('aborted', 'The measurement was cancelled');
    const stop = new AbortController();
    const measurement: Measurement = {
      key: keyOf(model, provider, cores),
      stop,
      ended: tune(model, { provider, cores, signal: stop.signal })
        .then((tuning) => {
          machine.rememberTuning(model.sha256, provider, cores, tuning);
          return tuning;
        })
        .finally(() => {
          if (current === measurement) current = null;
        }),
    };
    measurement.ended.catch(() => undefined); // whoever waits for it is told
    current = measurement;
    return measurement;
  }

  /** Ends with the one who waits, unless others wait as well: then they measure again. */
  async function waitFor({ ended, stop }: Measurement, signal: AbortSignal | undefined): Promise<Tuning> {
    const abort = () => stop.abort();
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    try {
      return await ended;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Whatever is under way makes room. */
  async function clear(): Promise<void> {
    while (current) {
      current.stop.abort();
      await current.ended.catch(() => undefined);
    }
  }

  async function measureFor(model: InstalledModel, wishes: TuningWishes, cores: number): Promise<Tuning | null> {
    const { provider, onMeasuring, signal } = wishes;
    const key = keyOf(model, provider, cores);
    if (failed.has(key)) return null;
    onMeasuring?.();
    try {
      if (current?.key !== key) await clear();
      return await waitFor(current?.key === key ? current : begin(model, provider, cores), signal);
    } catch (thrown) {
      if (signal?.aborted) throw new AppError('aborted', 'The measurement was cancelled', { cause: thrown });
      // Stopped by somebody else it may succeed another time.
      if (AppError.from(thrown).code !== 'aborted') failed.add(key);
      return null;
    }
  }

  return {
    async forRun(model, wishes) {
      const { provider, batchSize, pictureCount, signal } = wishes;
      if (signal?.aborted) throw new AppError('aborted', 'The measurement was cancelled');
      const cores = coresOf(wishes.threads);
      const guess = await guessTuning(model, { provider, cores });
      const pays = isMeasurable(provider) && (pictureCount * 1000) / guess.imagesPerSecond >= worthwhileMs;
      const isUnderWay = current?.key === keyOf(model, provider, cores);
      const known = machine.tuning(model.sha256, provider, cores);
      const tuning = known ?? (pays || isUnderWay ? await measureFor(model, wishes, cores) : null) ?? guess;
      // A measurement of another model would take the cores that the run needs.
      await clear();
      // A graph that insists on a number of pictures cuts batches itself.
      return batchSize > 0 ? { ...tuning, batchSize } : tuning;
    },

    async measure(model, { provider, threads, signal }) {
      if (signal?.aborted) throw new AppError('aborted', 'The measurement was cancelled');
      const cores = coresOf(threads);
      if (!isMeasurable(provider)) return guessTuning(model, { provider, cores });
      await clear();
      failed.delete(keyOf(model, provider, cores));
      return waitFor(begin(model, provider, cores), signal);
    },

    async [Symbol.asyncDispose]() {
      closed = true;
      await clear();
    },
  };
}

function keyOf({ sha256 }: InstalledModel, provider: ExecutionProvider, cores: number): string {
  return `${sha256} ${provider} ${cores}`;
}

/** Graphics cards have no cores to share out, and kernels of their own for groups. */
function isMeasurable(provider: ExecutionProvider): boolean {
  return provider === 'cpu';
}

/** @param threads  what the person set, of all sessions together; 0 leaves it to us */
function coresOf(threads: number): number {
  return threads > 0 ? threads : availableParallelism();
}
