/** @file Which datasets are being scanned and labeled: one run at a time, others wait their turn. */
import { availableParallelism } from 'node:os';
import { AppError, type ErrorCode } from '#core/errors.ts';
import type { ExecutionProvider } from '#core/providers.ts';
import type { RunProgress, ScanProgress } from '#core/run.ts';
import { openClassifier, type Classifier } from './inference/classifier.ts';
import { inferenceThreads } from './inference/threads.ts';
import type { Registry } from './models/registry.ts';
import { startRun, type Run } from './run.ts';
import { scan } from './scan.ts';
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
  /** Ids of the models that label pictures at this moment, or are about to. */
  modelsAtWork(): string[];
  configure(settings: QueueSettings): void;
}

/** For runs that begin from now on; 0 leaves the choice to us. */
export interface QueueSettings {
  threads: number;
  batchSize: number;
  provider: ExecutionProvider;
}

export interface QueueEvents {
  scan: (progress: ScanProgress) => void;
  run: (progress: RunProgress) => void;
  changed: (datasetId: number) => void;
  /** The inference worker is gone for good: the process has to end and come back. */
  fatal: () => void;
}

interface Entry {
  progress: RunProgress;
  run: Run | null;
  /** Asked to pause before there was a run to ask. */
  pauseFirst: boolean;
  stop: AbortController;
}

export function openRunQueue(store: Store, registry: Registry, events: QueueEvents): RunQueue {
  const entries = new Map<number, Entry>();
  const scans = new Map<number, { progress: ScanProgress; ended: Promise<unknown> }>();
  let settings: QueueSettings = { threads: 0, batchSize: 0, provider: 'cpu' };
  let turn: Promise<unknown> = Promise.resolve();
  let closing = false;

  function show(entry: Entry, progress: RunProgress): void {
    entry.progress = progress;
    events.run(progress);
    events.changed(progress.datasetId);
  }

  async function runScan(datasetId: number, signal: AbortSignal): Promise<void> {
    const earlier = scans.get(datasetId);
    if (earlier) await earlier.ended.catch(() => {});
    const report = (progress: ScanProgress) => {
      const current = scans.get(datasetId);
      if (current) current.progress = progress;
      events.scan(progress);
      events.changed(datasetId);
    };
    const ended = scan(store, datasetId, report, signal);
    scans.set(datasetId, { progress: { datasetId, found: 0, problems: 0, finished: false }, ended });
    try {
      await ended;
    } finally {
      scans.delete(datasetId);
      events.changed(datasetId);
    }
  }

  function options() {
    const threads = inferenceThreads(settings.threads);
    const decoders = Math.max(2, Math.min(8, availableParallelism()));
    return { threads, decoders, batchSize: settings.batchSize || 8, provider: settings.provider };
  }

  /** Everything between the order to run and its end; the entry says how far it is. */
  async function execute(entry: Entry, modelId: string, topK: number, begun: (runId: number) => void): Promise<void> {
    const { datasetId } = entry.progress;
    const { signal } = entry.stop;
    const { threads, decoders, batchSize, provider } = options();
    await runScan(datasetId, signal);
    show(entry, { ...entry.progress, state: 'loading' });
    const model = await registry.get(modelId);
    const modelRow = store.runs.ensureModel(model.id, model.manifest.title, model.sha256);
    const earlier = store.runs.latest(datasetId);
    store.images.resetOthers(datasetId, modelRow, topK);
    const goesOn = earlier?.modelId === modelRow && earlier.topK === topK && earlier.state !== 'finished';
    const runId = goesOn ? earlier.id : store.runs.insert(datasetId, modelRow, topK, { threads, batchSize, provider });
    const categoryIds = store.categories.ensureAll(datasetId, model.labels);
    entry.progress = { ...entry.progress, runId };
    begun(runId);

    const classifier = await openClassifier(model, { threads, decoders, embeddings: true, provider }).catch(
      (thrown: unknown) => {
        store.runs.setState(runId, 'failed', AppError.from(thrown).code);
        throw thrown;
      },
    );
    try {
      signal.throwIfAborted();
      const run = startRun(
        {
          results: store.results,
          counts: () => {
            const { byStatus } = store.datasets.counts(datasetId);
            return { pending: byStatus.pending, failed: byStatus.failed };
          },
          setState: (state, reason) => store.runs.setState(runId, state, reason),
        },
        classifier,
        { datasetId, modelId, context: { runId, modelId: modelRow, categoryIds }, topK, batchSize },
        (progress) => show(entry, progress),
      );
      entry.run = run;
      if (entry.pauseFirst) run.pause();
      const { state, reason } = await run.ended;
      if (state === 'failed' && reason === 'inference.failed' && (await isDead(classifier))) {
        store.runs.setState(runId, 'running');
        events.fatal();
      }
    } finally {
      entry.run = null;
      await classifier[Symbol.asyncDispose]();
    }
  }

  function begin(datasetId: number, modelId: string, topK: number): Promise<{ runId: number }> {
    const stop = new AbortController();
    const entry: Entry = {
      run: null,
      pauseFirst: false,
      stop,
      progress: {
        datasetId,
        runId: 0,
        modelId,
        state: 'scanning',
        done: 0,
        failed: 0,
        total: store.datasets.counts(datasetId).byStatus.pending,
        imagesPerSecond: null,
        secondsLeft: null,
        reason: null,
      },
    };
    entries.set(datasetId, entry);
    events.run(entry.progress);
    const started = Promise.withResolvers<{ runId: number }>();
    turn = turn
      .then(() => {
        stop.signal.throwIfAborted();
        return execute(entry, modelId, topK, (runId) => started.resolve({ runId }));
      })
      .catch((thrown: unknown) => {
        const code: ErrorCode = stop.signal.aborted ? 'aborted' : AppError.from(thrown).code;
        show(entry, { ...entry.progress, state: code === 'aborted' ? 'cancelled' : 'failed', reason: code });
        started.reject(AppError.from(thrown));
      });
    return started.promise;
  }

  const isActive = (entry: Entry | undefined): entry is Entry =>
    entry !== undefined && ['scanning', 'loading', 'running', 'paused'].includes(entry.progress.state);

  const queue: RunQueue = {
    scanProgress: (datasetId) => scans.get(datasetId)?.progress ?? null,
    runProgress: (datasetId) => entries.get(datasetId)?.progress ?? null,

    scan(datasetId) {
      if (scans.has(datasetId)) return;
      runScan(datasetId, new AbortController().signal).catch(() => {
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
      const chosen = modelId ?? (await registry.defaultId());
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
      if (last) await queue.start(datasetId, last.modelName, last.topK);
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
      for (const { id: runId, datasetId, modelName, topK, state } of store.runs.interrupted()) {
        if (store.runs.latest(datasetId)?.id !== runId) {
          store.runs.setState(runId, 'cancelled');
        } else if (goOn && state === 'running') {
          begin(datasetId, modelName, topK).catch(() => {}); // its failure is shown as the run's state
        } else {
          const { imageCount, byStatus } = store.datasets.counts(datasetId);
          const done = imageCount - byStatus.pending - byStatus.missing;
          entries.set(datasetId, {
            run: null,
            pauseFirst: false,
            stop: new AbortController(),
            progress: {
              datasetId,
              runId,
              modelId: modelName,
              state: 'paused',
              done,
              failed: byStatus.failed,
              total: done + byStatus.pending,
              imagesPerSecond: null,
              secondsLeft: null,
              reason: null,
            },
          });
        }
      }
    },

    modelsAtWork() {
      const active = [...entries.values()].filter(({ progress }) => ['loading', 'running'].includes(progress.state));
      return active.map(({ progress }) => progress.modelId);
    },

    configure(next) {
      settings = next;
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

/** An empty batch costs nothing and is answered by any worker that lives. */
async function isDead(classifier: Classifier): Promise<boolean> {
  try {
    await classifier.classify([], { topK: 1 });
    return false;
  } catch {
    return true;
  }
}
