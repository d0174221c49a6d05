/** @file Labels from other tools, as the contract has them: read in a thread, written as one step. */
import { resolve } from 'node:path';
import type { EngineCallName, EventName, Events, Handlers } from '#contract/calls.ts';
import { AppError } from '#core/errors.ts';
import { importers } from './import/index.ts';
import { openImportThread, type ImportThread } from './import/import-thread.ts';
import type { Store } from './store/store.ts';

type LabelCallName = Extract<EngineCallName, `labels.${string}`>;

export interface LabelImportParts {
  store: Store;
  libraryPath: string;
  emit: <Name extends EventName>(name: Name, payload: Events[Name]) => void;
  /** Something was decided. */
  decided: (datasetId: number) => void;
}

export interface LabelImports extends AsyncDisposable {
  handlers: Handlers<LabelCallName>;
}

/** One import at a time: a new one puts the one before away. */
export function openLabelImports({ store, libraryPath, emit, decided }: LabelImportParts): LabelImports {
  let open: { importId: number; datasetId: number; thread: ImportThread } | undefined;
  let lastId = 0;

  async function discard(): Promise<void> {
    const ending = open;
    open = undefined;
    await ending?.thread[Symbol.asyncDispose]();
  }

  function known(importId: number) {
    if (open?.importId === importId) return open;
    throw new AppError('not-found', `There is no import ${importId}`);
  }

  return {
    handlers: {
      'labels.formats': () => importers.map(({ id, title, target }) => ({ id, title, target })),

      'labels.open': async ({ datasetId, path, options }) => {
        store.datasets.get(datasetId);
        await discard();
        const importId = ++lastId;
        const thread = openImportThread({ libraryPath, datasetId, path: resolve(path) }, (progress) =>
          emit('labels.progress', { importId, ...progress }),
        );
        open = { importId, datasetId, thread };
        try {
          // A half-written step is nothing to compare with.
          await store.decisions.settled();
          return { importId, ...(await thread.plan(options)) };
        } catch (thrown) {
          if (open?.importId === importId) await discard();
          throw thrown;
        }
      },

      'labels.plan': async ({ importId, options }) => {
        const { thread } = known(importId);
        await store.decisions.settled();
        return { importId, ...(await thread.plan(options)) };
      },

      'labels.import': async ({ importId, conflicts }) => {
        const { datasetId, thread } = known(importId);
        const labels = await thread.labels();
        const result = await store.decisions.importLabels(datasetId, labels, conflicts);
        await discard();
        decided(datasetId);
        return result;
      },

      'labels.discard': async ({ importId }) => {
        if (open?.importId === importId) await discard();
      },
    },
    [Symbol.asyncDispose]: discard,
  };
}
