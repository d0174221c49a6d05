/** @file The engine as one object: library, scans, runs, review, exports. The one door for hosts and tests. */
import { statSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { EngineCallName, Events, EventName, Handlers } from '#contract/calls.ts';
import type { DatasetSummary } from '#core/dataset.ts';
import { AppError } from '#core/errors.ts';
import { baseModelId, floatSuffix } from '#core/model.ts';
import { exportHandlers } from './export-handlers.ts';
import { duplicateGroups } from './learn/duplicate-groups.ts';
import { evaluateFolders } from './learn/evaluate-folders.ts';
import { openKeywords } from './keywords/open-keywords.ts';
import { openLabelImports } from './label-handlers.ts';
import { openLearner } from './learn/learner.ts';
import { openModels } from './models/open-models.ts';
import { profileHandlers } from './profile-handlers.ts';
import { openProfileKeeper } from './profile-keeper.ts';
import { reviewHandlers } from './review-handlers.ts';
import { openRunQueue } from './run-queue.ts';
import { checkLibrary } from './store/check.ts';
import { lockLibrary } from './store/lock.ts';
import { openStore } from './store/store.ts';
import { openThumbnailGuard } from './thumbnail-guard.ts';

export interface EngineOptions {
  libraryPath: string;
  cachePath: string;
  modelsPaths: string[];
  /** How the engine before this one ended, if it did so by itself. */
  after: 'crash' | 'hang' | 'killed' | null;
  emit: <Name extends EventName>(name: Name, payload: Events[Name]) => void;
  /** Something only a new process can mend. */
  fatal: () => void;
  /** Asked to end. */
  stop: () => void;
}

export interface Engine extends AsyncDisposable {
  handlers: Handlers<EngineCallName>;
}

const engineVersion = '0.1.0';
/** 'datasets.changed' at most this often, milliseconds. */
const changedEveryMs = 250;

/** @throws {AppError} 'store.locked', 'store.from-future', 'store.corrupt', 'store.failed' */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { libraryPath, emit } = options;
  const lock = lockLibrary(libraryPath);
  const store = openStore(libraryPath);
  store.results.settle(options.after);
  const models = openModels({ ...options, store, atWork: () => queue.modelsAtWork() });
  const guard = openThumbnailGuard(options.cachePath, options.after === 'crash' || options.after === 'hang');
  const tellChanged = throttle((datasetId) => emit('datasets.changed', { datasetId }));
  const changed = (datasetId: number): void => {
    tellChanged(datasetId);
    keeper.changed(datasetId);
  };
  const learner = openLearner({
    store,
    libraryPath,
    cachePath: options.cachePath,
    emit: (state) => emit('learn.changed', state),
    predicted: changed,
    model: (modelId) => models.variants.forRun(`${modelId}${floatSuffix}`),
  });
  const queue = openRunQueue(
    store,
    { variants: models.variants, tunings: models.tunings, defaultId: () => models.registry.defaultId() },
    {
      scan: (progress) => emit('scan.progress', progress),
      run: (progress) => {
        emit('run.progress', progress);
        if (progress.state === 'finished' || progress.state === 'cancelled') learner.labeled(progress.datasetId);
      },
      changed,
      fatal: options.fatal,
    },
    options.cachePath,
  );

  const keywords = await openKeywords(store, (rowCount) => emit('export.progress', { rowCount }));
  const imports = openLabelImports({
    store,
    libraryPath,
    emit,
    decided: (datasetId) => {
      changed(datasetId);
      learner.changed(datasetId);
    },
  });

  const way = (datasetId: number) => {
    const { multiLabel, learn, rules } = store.datasets.way(datasetId);
    return { multiLabel, learn, rules };
  };
  const summary = ({ id, name }: { id: number; name: string }): DatasetSummary => ({
    id,
    name,
    sources: store.datasets.sourceSummaries(id),
    ...store.datasets.counts(id),
    scan: queue.scanProgress(id),
    run: queue.runProgress(id),
    modelId: baseModelId(store.runs.latest(id)?.modelName ?? '') || null,
    ...way(id),
    canUndo: store.decisions.canUndo(id),
    canRedo: store.decisions.canRedo(id),
  });

  function imagePath(imageId: number) {
    const file = store.images.file(imageId);
    if (!file) throw new AppError('not-found', `There is no picture ${imageId}`);
    return { ...file, path: join(file.folder, file.path) };
  }

  const decided = <Result>(datasetId: number, result: Result): Result => {
    changed(datasetId);
    return result;
  };

  const exports = exportHandlers(
    store,
    libraryPath,
    emit,
    (datasetId) => duplicateGroups(learner, datasetId),
    keywords.write,
  );
  const profilesTold = (datasetId: number | null) => emit('profiles.changed', { datasetId });
  const keeper = openProfileKeeper({
    profiles: store.profiles,
    write: async ({ datasetId, format, options, path }) => {
      await exports['export.write']({ datasetId: datasetId!, format, options, path: path! });
    },
    told: profilesTold,
  });

  const handlers: Handlers<EngineCallName> = {
    ...models.handlers,
    ...learner.handlers,
    'learn.evaluate': (input) => evaluateFolders(store, input),
    ...exports,
    ...reviewHandlers(store, learner, changed),
    ...imports.handlers,
    ...keywords.handlers,
    ...profileHandlers(store, keeper, profilesTold),
    'engine.info': () => ({ libraryPath, sizeBytes: librarySize(libraryPath), engineVersion }),
    'engine.configure': (settings) => {
      models.configure(settings);
      queue.configure(settings);
    },
    'engine.stop': () => options.stop(),

    'datasets.list': () => store.datasets.list().map(summary),
    'datasets.open': async ({ folders, name }) => {
      const opened = store.datasets.open(await realFolders(folders), name);
      changed(opened.datasetId);
      return opened;
    },
    'datasets.rename': ({ datasetId, name }) => {
      store.datasets.rename(datasetId, name);
      changed(datasetId);
    },
    'datasets.archive': ({ datasetId }) => {
      queue.cancel(datasetId);
      store.datasets.archive(datasetId);
      changed(datasetId);
    },
    'sources.add': async ({ datasetId, folders }) => {
      store.datasets.get(datasetId);
      const real = await realFolders(folders);
      const added = real.filter((folder) => store.datasets.addSource(datasetId, folder)).length;
      return decided(datasetId, { added });
    },
    'sources.remove': ({ sourceId }) => {
      const datasetId = store.datasets.removeSource(sourceId);
      if (datasetId !== undefined) changed(datasetId);
    },

    'scan.start': ({ datasetId }) => {
      store.datasets.get(datasetId);
      queue.scan(datasetId);
    },
    'run.start': ({ datasetId, modelId, topK }) => queue.start(datasetId, modelId, topK),
    'run.pause': ({ datasetId }) => queue.pause(datasetId),
    'run.resume': ({ datasetId }) => queue.resume(datasetId),
    'run.cancel': ({ datasetId }) => queue.cancel(datasetId),

    'failures.list': ({ datasetId, offset, limit }) => store.scanProblems.list(datasetId, offset, limit),
    'failures.retry': ({ datasetId }) => decided(datasetId, { count: store.images.resetFailed(datasetId) }),
    'image.path': ({ imageId }) => ({ path: imagePath(imageId).path }),
    'thumbnail.get': async ({ token, size }) => {
      const imageId = store.tokens.open(token);
      if (imageId === undefined) throw new AppError('not-found', 'No such picture');
      const { path, contentHash, errorCode } = imagePath(imageId);
      if (errorCode === 'image.crashed') throw new AppError('image.crashed', 'This picture was put aside');
      const made = await guard.get(imageId, path, size, contentHash);
      if (made.contentHash !== contentHash) store.images.setHash(imageId, made.contentHash);
      return { path: made.path, type: made.type };
    },

    'library.check': async () => {
      const problems = await checkLibrary(libraryPath);
      return { ok: problems.length === 0, problems };
    },
  };

  await queue.restore(options.after !== null);
  return {
    handlers,
    async [Symbol.asyncDispose]() {
      await queue[Symbol.asyncDispose]();
      await keeper[Symbol.asyncDispose]();
      await keywords[Symbol.asyncDispose]();
      await imports[Symbol.asyncDispose]();
      await learner[Symbol.asyncDispose]();
      await models[Symbol.asyncDispose]();
      store[Symbol.dispose]();
      lock[Symbol.dispose]();
    },
  };
}

/** With what still stands in the write-ahead log. */
function librarySize(path: string): number {
  return [path, `${path}-wal`].reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
}

/** @throws {AppError} 'folder.missing' for what is not a folder */
async function realFolders(folders: readonly string[]): Promise<string[]> {
  return Promise.all(
    folders.map(async (folder) => {
      try {
        const real = await realpath(resolve(folder));
        if ((await stat(real)).isDirectory()) return real;
      } catch {
        // Told below, with the name as the person gave it.
      }
      throw new AppError('folder.missing', `${folder} is not a folder`, { details: { folder } });
    }),
  );
}

/** Per dataset: the first call at once, then at most one every `changedEveryMs`, the last one never lost. */
function throttle(send: (datasetId: number) => void): (datasetId: number) => void {
  const waiting = new Map<number, { again: boolean }>();
  const fire = (datasetId: number): void => {
    const earlier = waiting.get(datasetId);
    if (earlier) {
      earlier.again = true;
      return;
    }
    send(datasetId);
    const entry = { again: false };
    waiting.set(datasetId, entry);
    setTimeout(() => {
      waiting.delete(datasetId);
      if (entry.again) fire(datasetId);
    }, changedEveryMs).unref();
  };
  return fire;
}
