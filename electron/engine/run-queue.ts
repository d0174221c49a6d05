/** @file Which datasets are being labeled: one run at a time, others wait their turn. */
import { AppError, type ErrorCode } from '#core/errors.ts';
import { baseModelId } from '#core/model.ts';
import type { RunProgress, ScanProgress } from '#core/run.ts';
import { label, type QueueSettings } from './labeling.ts';
import { isActive, newRunEntry, type RunEntry } from './run-entry.ts';
import { goingOn, type RunModels } from './run-model.ts';
import { openScans, type ScanEvents } from './scans.ts';
import type { Store } from './store/store.ts';

export interface RunQueue extends AsyncDisposable {
  scanProgress(datasetId: number): ScanProgress | null;
  runProgress(datasetId: number): RunProgress | null;
  /** Look for new pictures without labeling them. */
  scan(datasetId: number): void;
  /** Scan, then label. A paused run goes on. @returns when it is on its way, with its id */
  start(datasetId: number, modelId: string | null, topK: number): Promise<{ runId: number }>;
  pause(datasetId: number): void;
  resume(datasetId: number): Promise<void>;
  cancel(datasetId: number): void;
  /** Go on with what a crash interrupted, or show it as paused after a plain restart. */
  restore(goOn: boolean): Promise<void>;
  /** Ids of the models (whatever their form) that label pictures at this moment, or are about to. */
  modelsAtWork(): string[];
  configure(settings: QueueSettings): void;
}

export interface QueueEvents extends ScanEvents {
  run: (progress: RunProgress) => void;
  /** The inference threads are gone for good: the process has to end and come back. */
  fatal: () => void;
}

/** @param thumbnailsFolder  where small copies of pictures are kept, if they are wanted */
export function openRunQueue(
  store: Store,
  models: RunModels,
  events: QueueEvents,
  thumbnailsFolder: string | null = null,
): RunQueue {
  const entries = new Map<number, RunEntry>();
  const scans = openScans(store, events);
  let settings: QueueSettings = { threads: 0, batchSize: 0, provider: 'cpu', gentle: false, thumbnails: false };
  let turn: Promise<unknown> = Promise.resolve();
  let closing = false;
  const parts = { store, models, scans, thumbnailsFolder, settings: () => settings, show, fatal: events.fatal };

  function show(entry: RunEntry, progress: RunProgress): void {
    entry.progress = progress;
    events.run(progress);
    events.changed(progress.datasetId);
  }

  function begin(datasetId: number, modelId: string, topK: number): Promise<{ runId: number }> {
    const total = store.datasets.counts(datasetId).byStatus.pending;
    const { gentle } = settings;
    const entry = newRunEntry({ datasetId, modelId: baseModelId(modelId), state: 'scanning', total, gentle });
    const { signal } = entry.stop;
    entries.set(datasetId, entry);
    events.run(entry.progress);
    const started = Promise.withResolvers<{ runId: number }>();
    turn = turn
      .then(() => {
        signal.throwIfAborted();
        return label(parts, entry, modelId, topK, (runId) => started.resolve({ runId }));
      })
      .catch((thrown: unknown) => {
        const code: ErrorCode = signal.aborted ? 'aborted' : AppError.from(thrown).code;
        show(entry, { ...entry.progress, state: code === 'aborted' ? 'cancelled' : 'failed', reason: code });
        started.reject(AppError.from(thrown));
      });
    return started.promise;
  }

  const queue: RunQueue = {
    scanProgress: (datasetId) => scans.progress(datasetId),
    runProgress: (datasetId) => entries.get(datasetId)?.progress ?? null,

    scan(datasetId) {
      if (scans.progress(datasetId)) return;
      scans.run(datasetId, new AbortController().signal).catch(() => {
        events.scan({ datasetId, found: 0, problems: 1, finished: true });
      });
    },

    async start(datasetId, modelId, topK) {
      store.datasets.get(datasetId);
      const entry = entries.get(datasetId);
      if (isActive(entry) && (entry.run || entry.progress.state !== 'paused')) {
        entry.pauseFirst = false;
        entry.run?.resume();
        return { runId: entry.progress.runId };
      }
      const chosen = modelId ?? (await models.defaultId());
      if (chosen === null) throw new AppError('model.not-found', 'There is no usable model');
      return begin(datasetId, chosen, topK);
    },

    pause(datasetId) {
      const entry = entries.get(datasetId);
      if (entry?.run) entry.run.pause();
      else if (entry) entry.pauseFirst = true;
    },

    async resume(datasetId) {
      const entry = entries.get(datasetId);
      if (entry?.run) return entry.run.resume();
      const last = store.runs.latest(datasetId);
      if (last) await queue.start(datasetId, goingOn(last), last.topK);
    },

    cancel(datasetId) {
      const entry = entries.get(datasetId);
      if (!isActive(entry)) return;
      if (entry.run) return entry.run.cancel();
      entry.stop.abort(new AppError('aborted', 'The run was cancelled'));
      if (entry.progress.state !== 'paused') return;
      // Shown as paused since the last start: nothing runs that could answer.
      store.runs.setState(entry.progress.runId, 'cancelled');
      show(entry, { ...entry.progress, state: 'cancelled' });
    },

    async restore(goOn) {
      for (const last of store.runs.interrupted()) {
        const { id: runId, datasetId, modelName, topK, state } = last;
        if (store.runs.latest(datasetId)?.id !== runId) {
          store.runs.setState(runId, 'cancelled');
        } else if (goOn && state === 'running') {
          begin(datasetId, goingOn(last), topK).catch(() => {}); // its failure is shown as the run's state
        } else {
          const { imageCount, byStatus } = store.datasets.counts(datasetId);
          const done = imageCount - byStatus.pending - byStatus.missing;
          const counts = { done, failed: byStatus.failed, total: done + byStatus.pending };
          const modelId = baseModelId(modelName);
          const { gentle } = settings;
          entries.set(datasetId, newRunEntry({ datasetId, runId, modelId, state: 'paused', gentle, ...counts }));
        }
      }
    },

    modelsAtWork() {
      const atWork = new Set<RunProgress['state']>(['tuning', 'loading', 'running']);
      return [...entries.values()]
        .filter(({ progress }) => atWork.has(progress.state))
        .map((entry) => entry.progress.modelId);
    },

    configure(next) {
      settings = next;
      for (const entry of entries.values()) {
        if (entry.run) entry.run.setGentle(next.gentle);
        else if (isActive(entry) && entry.progress.gentle !== next.gentle) {
          show(entry, { ...entry.progress, gentle: next.gentle });
        }
      }
    },

    async [Symbol.asyncDispose]() {
      if (closing) return;
      closing = true;
      const stopped = new AppError('aborted', 'The engine is stopping');
      for (const { run, stop } of entries.values()) {
        run?.suspend();
        if (!run) stop.abort(stopped);
      }
      await turn;
    },
  };
  return queue;
}
