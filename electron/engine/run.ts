/** @file The pipeline of one run: queue → classify → store, with pause, cancel and what to do when the disk is full. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '#core/errors.ts';
import type { RunProgress, RunState } from '#core/run.ts';
import type { Classifier } from './inference/classifier.ts';
import type { Classified } from './inference/protocol.ts';
import { openRate } from './rate.ts';
import type { QueuedImage, resultsTable, RunContext } from './store/results.ts';

export interface RunTables {
  results: ReturnType<typeof resultsTable>;
  /** Pictures of the dataset that wait for a result, and that failed. */
  counts(): { pending: number; failed: number };
  /** Keep the state across restarts. */
  setState(state: 'running' | 'paused' | 'finished' | 'cancelled' | 'failed', reason: string | null): void;
}

export interface RunOptions {
  datasetId: number;
  modelId: string;
  context: RunContext;
  topK: number;
  batchSize: number;
  gentle: boolean;
}

export interface Run {
  readonly progress: RunProgress;
  pause(): void;
  resume(): void;
  /** Finish the batches at hand, keep their results, stop. */
  cancel(): void;
  /** Like cancel, but the run stays 'running' in the library and goes on at the next start. */
  suspend(): void;
  setGentle(gentle: boolean): void;
  /** Resolves when nothing more happens; never rejects. */
  readonly ended: Promise<RunProgress>;
}

/** How often a full disk or a missing folder is looked at again, milliseconds. */
const retryMs = 2000;

export function startRun(
  tables: RunTables,
  classifier: Classifier,
  options: RunOptions,
  report: (progress: RunProgress) => void,
): Run {
  const { results } = tables;
  const { datasetId, context, topK } = options;
  const rate = openRate();
  const start = tables.counts();
  let state: RunState = 'running';
  let reason: string | null = null;
  let done = 0;
  let failed = 0;
  let lastId = 0;
  let gentle = options.gentle;
  // An object, because calls change it while the pipeline waits, which TypeScript would not believe of a variable.
  const order: { wanted: 'run' | 'pause' | 'cancel' | 'suspend' } = { wanted: 'run' };
  let wake = Promise.withResolvers<void>();
  const current = (): RunProgress => {
    const imagesPerSecond = state === 'running' ? rate.perSecond() : null;
    const total = Math.max(start.pending, done);
    return {
      datasetId,
      runId: context.runId,
      modelId: options.modelId,
      state,
      done,
      failed,
      total,
      imagesPerSecond,
      secondsLeft: imagesPerSecond ? (total - done) / imagesPerSecond : null,
      reason,
      gentle,
    };
  };

  function change(next: RunState, why: string | null = null): void {
    if (state === next && reason === why) return;
    state = next;
    reason = why;
    if (next !== 'running') rate.reset();
    report(current());
  }

  function ask(what: typeof order.wanted): void {
    if (order.wanted === 'cancel' || order.wanted === 'suspend') return;
    order.wanted = what;
    wake.resolve();
    wake = Promise.withResolvers<void>();
  }

  /** The next batch, smaller at the end; a picture suspected of a crash comes alone. */
  function take(busy: number): QueuedImage[] {
    const suspect = busy === 0 ? results.nextSuspect(datasetId) : undefined;
    if (suspect) return [suspect];
    const next = results.pending(datasetId, lastId, options.batchSize);
    lastId = next.at(-1)?.id ?? lastId;
    return next;
  }

  /** Commit, waiting for space when the disk is full: a result is never dropped. */
  async function commit(batch: readonly Classified[], next: readonly QueuedImage[]): Promise<void> {
    for (;;) {
      try {
        results.commit(batch, next, context);
        if (reason === 'disk.full') change('running');
        return;
      } catch (thrown) {
        if (AppError.from(thrown).code !== 'disk.full' || order.wanted === 'cancel' || order.wanted === 'suspend')
          throw thrown;
        change('paused', 'disk.full');
        await sleep(retryMs);
      }
    }
  }

  /** Pictures that are missing because their whole folder is: put back, and wait for the folder. */
  async function withoutLostFolders(batch: Classified[], images: readonly QueuedImage[]): Promise<Classified[]> {
    if (!batch.some((result) => !result.ok && result.code === 'file.missing')) return batch;
    const folders = new Map<string, boolean>();
    for (const { folder } of images) if (!folders.has(folder)) folders.set(folder, await isFolder(folder));
    const lost = new Set(images.filter(({ folder }) => !folders.get(folder)).map(({ id }) => id));
    if (lost.size === 0) return batch;
    results.putBack([...lost]);
    lastId = 0;
    lostFolder = images.find(({ id }) => lost.has(id))!.folder;
    return batch.filter((result) => result.ok || !lost.has(result.id));
  }
  let lostFolder: string | undefined;

  async function waitWhilePaused(): Promise<void> {
    while (order.wanted === 'pause') {
      tables.setState('paused', null);
      change('paused');
      await wake.promise;
    }
    while (lostFolder !== undefined && order.wanted === 'run') {
      if (await isFolder(lostFolder)) lostFolder = undefined;
      else {
        change('paused', 'folder.missing');
        await Promise.race([wake.promise, sleep(retryMs, undefined, { ref: false })]);
      }
    }
    if (order.wanted === 'run' && state === 'paused') {
      tables.setState('running', null);
      change('running');
    }
  }

  /**
   * As many batches as the classifier wants are with it at once. The next is committed as in flight in the transaction
   * that stores a result, so every batch costs one flush to the disk.
   */
  async function work(): Promise<void> {
    type Job = { images: QueuedImage[]; answer: Promise<Classified[]> };
    const jobs: Job[] = [];
    const send = (images: QueuedImage[]) => {
      const paths = images.map(({ id, folder, path }) => ({ id, path: join(folder, path) }));
      const answer = classifier.classify(paths, { topK });
      answer.catch(() => {}); // awaited below, in order; must not count as unhandled until then
      jobs.push({ images, answer });
      // What comes after them may be read while they are at work.
      const next = results.pending(datasetId, lastId, options.batchSize * classifier.batchesAhead);
      classifier.expect(next.map(({ folder, path }) => join(folder, path)));
    };
    let alone = false;
    for (;;) {
      if (jobs.length === 0) {
        await waitWhilePaused();
        if (order.wanted !== 'run') return;
      }
      while (jobs.length < classifier.batchesAhead && order.wanted === 'run' && lostFolder === undefined && !alone) {
        const images = take(jobs.length);
        if (images.length === 0) break;
        alone = images.length === 1 && jobs.length === 0 && results.nextSuspect(datasetId)?.id === images[0]!.id;
        await commit([], images);
        send(images);
      }
      const job = jobs.shift();
      if (!job) {
        if (lostFolder !== undefined || order.wanted !== 'run') continue;
        if (tables.counts().pending === 0 || lastId === 0) return;
        lastId = 0; // pictures that came back into the queue behind the cursor
        if (results.pending(datasetId, 0, 1).length === 0 && !results.nextSuspect(datasetId)) return;
        continue;
      }
      const batch = await withoutLostFolders(await job.answer, job.images);
      const goOn = order.wanted === 'run' && lostFolder === undefined && !alone;
      const next = goOn && jobs.length > 0 ? take(jobs.length) : [];
      await commit(batch, next);
      alone = false;
      if (next.length > 0) send(next);
      done += batch.length;
      failed += batch.filter(({ ok }) => !ok).length;
      rate.add(done);
      report(current());
    }
  }

  const ended = (async () => {
    tables.setState('running', null);
    rate.add(0);
    report(current());
    try {
      await work();
      if (order.wanted === 'suspend') change('paused');
      else {
        const final = order.wanted === 'cancel' ? 'cancelled' : 'finished';
        tables.setState(final, null);
        change(final);
      }
    } catch (thrown) {
      const { code } = AppError.from(thrown);
      try {
        tables.setState('failed', code);
      } catch {
        // The disk that failed the run fails this as well; the run then counts as interrupted and can go on.
      }
      change('failed', code);
    }
    return current();
  })();

  return {
    get progress() {
      return current();
    },
    pause: () => ask('pause'),
    resume: () => ask('run'),
    cancel: () => ask('cancel'),
    suspend: () => ask('suspend'),
    setGentle(next) {
      if (gentle === next) return;
      gentle = next;
      classifier.setGentle(next);
      rate.reset();
      report(current());
    },
    ended,
  };
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
