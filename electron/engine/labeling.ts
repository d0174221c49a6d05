/** @file One run from the order to its end: scan, choose the model's form, find its best setting, load, label. */
import { AppError } from '#core/errors.ts';
import type { ExecutionProvider } from '#core/providers.ts';
import type { RunProgress } from '#core/run.ts';
import { openClassifier, type Classifier } from './inference/classifier.ts';
import type { RunEntry } from './run-entry.ts';
import { formOfRun, type RunModels } from './run-model.ts';
import { startRun } from './run.ts';
import type { Scans } from './scans.ts';
import type { Store } from './store/store.ts';

/** 0 leaves the choice to us. Only `gentle` changes a run that is under way. */
export interface QueueSettings {
  threads: number;
  batchSize: number;
  provider: ExecutionProvider;
  /** One core, low priority. */
  gentle: boolean;
  /** Keep small copies of large pictures for the screen. */
  thumbnails: boolean;
}

export interface LabelingParts {
  store: Store;
  models: RunModels;
  scans: Scans;
  /** Where small copies of pictures are kept; null for nowhere. */
  thumbnailsFolder: string | null;
  settings: () => QueueSettings;
  show: (entry: RunEntry, progress: RunProgress) => void;
  /** The inference threads are gone for good: the process has to end and come back. */
  fatal: () => void;
}

/**
 * Everything between the order to run and its end; the entry says how far it is.
 *
 * @param begun  called with the run's id as soon as it has one
 * @throws {AppError} what kept it from beginning; how a run ends that has begun is told by its progress
 */
export async function label(
  parts: LabelingParts,
  entry: RunEntry,
  modelId: string,
  topK: number,
  begun: (runId: number) => void,
): Promise<void> {
  const { store, models, scans, settings, show } = parts;
  const { datasetId } = entry.progress;
  const { signal } = entry.stop;
  await scans.run(datasetId, signal);
  show(entry, { ...entry.progress, state: 'loading' });
  const { model, original, insists } = await formOfRun(modelId, models);
  const modelRow = store.runs.ensureModel(model.id, model.manifest.title, model.sha256);
  const earlier = store.runs.latest(datasetId);
  await store.images.resetOthers(datasetId, { modelId: modelRow, original, insists, topK });
  const { pending } = store.datasets.counts(datasetId).byStatus;

  const { provider, threads, batchSize, gentle, thumbnails } = settings();
  const tuning = await models.tunings.forRun(model, {
    provider,
    threads,
    batchSize,
    // Measuring takes all cores for seconds, which nobody wants who asked to be left alone.
    pictureCount: gentle ? 0 : pending,
    onMeasuring: () => show(entry, { ...entry.progress, state: 'tuning', total: pending }),
    signal,
  });
  if (entry.progress.state === 'tuning') show(entry, { ...entry.progress, state: 'loading' });

  const goesOn = earlier?.modelId === modelRow && earlier.topK === topK && earlier.state !== 'finished';
  const setting = { ...tuning, provider, original, insists };
  const runId = goesOn ? earlier.id : store.runs.insert(datasetId, modelRow, topK, setting);
  const categoryIds = store.categories.ensureAll(datasetId, model.labels);
  entry.progress = { ...entry.progress, runId };
  begun(runId);

  const classifier = await openClassifier(model, {
    ...tuning,
    provider,
    embeddings: true,
    thumbnails: thumbnails ? parts.thumbnailsFolder : null,
    gentle: settings().gentle,
  }).catch((thrown: unknown) => {
    store.runs.setState(runId, 'failed', AppError.from(thrown).code);
    throw thrown;
  });
  try {
    signal.throwIfAborted();
    // It may have changed while the model was loaded.
    classifier.setGentle(settings().gentle);
    const run = startRun(
      {
        results: store.results,
        counts: () => store.datasets.counts(datasetId).byStatus,
        setState: (state, reason) => store.runs.setState(runId, state, reason),
      },
      classifier,
      {
        datasetId,
        modelId: entry.progress.modelId,
        context: { runId, modelId: modelRow, categoryIds },
        topK,
        batchSize: tuning.batchSize,
        gentle: settings().gentle,
      },
      (progress) => show(entry, progress),
    );
    entry.run = run;
    if (entry.pauseFirst) run.pause();
    const { state, reason } = await run.ended;
    if (state === 'failed' && reason === 'inference.failed' && (await isDead(classifier))) {
      store.runs.setState(runId, 'running');
      parts.fatal();
    }
  } finally {
    entry.run = null;
    await classifier[Symbol.asyncDispose]();
  }
}

/** An empty batch costs nothing and is answered by any classifier that lives. */
async function isDead(classifier: Classifier): Promise<boolean> {
  try {
    await classifier.classify([], { topK: 1 });
    return false;
  } catch {
    return true;
  }
}
