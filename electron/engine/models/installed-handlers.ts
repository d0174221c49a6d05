/** @file The calls about models that are there: renaming, removing, measuring, comparing, and where they can run. */
import type { EngineCallName, EventName, Events, Handlers } from '#contract/calls.ts';
import { AppError } from '#core/errors.ts';
import { baseModelId, type ModelSpeed } from '#core/model.ts';
import type { ExecutionProvider } from '#core/providers.ts';
import { openProviders } from '../inference/providers.ts';
import { inferenceThreads } from '../inference/threads.ts';
import { comparisonQueries } from '../store/comparisons.ts';
import type { Store } from '../store/store.ts';
import type { Alone } from './alone.ts';
import { catalogue } from './catalogue.ts';
import { compareModels } from './compare.ts';
import type { Machine } from './machine.ts';
import { architectureKey, measureArchitecture, measureTuned, type MeasureOptions } from './measure.ts';
import type { Registry } from './registry.ts';
import { parseArchitecture } from './resnext/names.ts';
import type { Tunings } from './tuning.ts';

export interface InstalledOptions {
  registry: Registry;
  machine: Machine;
  tunings: Pick<Tunings, 'measure'>;
  store: Store;
  settings: () => { threads: number; provider: ExecutionProvider };
  /** Ids of the models that label pictures at this moment. */
  atWork: () => readonly string[];
  alone: Alone;
  /** What was made here of a float file that is gone. */
  forget: (sha256: string) => Promise<void>;
  emit: <Name extends EventName>(name: Name, payload: Events[Name]) => void;
}

type InstalledHandlers = Pick<
  Handlers<EngineCallName>,
  | 'models.rename'
  | 'models.remove'
  | 'models.measure'
  | 'models.measure-cancel'
  | 'models.used'
  | 'models.compare'
  | 'providers.list'
  | 'providers.probe'
>;

export function installedHandlers(options: InstalledOptions): InstalledHandlers {
  const { registry, machine, tunings, store, settings, atWork, alone, forget, emit } = options;
  const comparisons = comparisonQueries(store.db);
  const providers = openProviders(machine);
  const changed = () => emit('models.changed', {});

  /** An installed model by its id, an architecture by its own name or that of weights in the catalogue. */
  async function measure(modelId: string, how: MeasureOptions): Promise<ModelSpeed> {
    const weights = catalogue.find(({ id }) => id === modelId);
    const architecture = parseArchitecture(weights?.architecture ?? modelId);
    const side = weights?.inputSide ?? 224;
    let speed: ModelSpeed;
    if ((await registry.list()).some(({ id }) => id === modelId)) {
      const model = await registry.get(modelId);
      speed = await measureTuned(tunings, model, how);
      machine.rememberSpeed(model.sha256, speed);
    } else {
      if (!architecture) throw new AppError('model.not-found', `There is no model or architecture "${modelId}"`);
      speed = await measureArchitecture(architecture, side, { ...how, threads: inferenceThreads(how.threads) });
    }
    // Weights from the catalogue stand for their architecture, as random ones do.
    if (architecture) machine.rememberSpeed(architectureKey(architecture, side), speed);
    return speed;
  }

  return {
    'models.rename': async ({ modelId, title }) => {
      await registry.rename(modelId, title);
      changed();
    },

    'models.remove': async ({ modelId }) => {
      // In either form.
      if (atWork().some((id) => baseModelId(id) === modelId)) {
        throw new AppError('busy', 'The model is labeling pictures');
      }
      const { sha256 } = await registry.remove(modelId);
      if (sha256 !== null) await forget(sha256);
      changed();
    },

    'models.measure': ({ modelId }) =>
      alone.run('measure', async (signal) => {
        const { provider, threads } = settings();
        const speed = await measure(modelId, { provider, threads, signal });
        changed();
        return speed;
      }),

    'models.measure-cancel': () => alone.cancel('measure'),

    'models.used': async ({ datasetId }) => {
      store.datasets.get(datasetId);
      const titles = new Map((await registry.list()).map(({ id, title }) => [id, title]));
      // Renamed since it ran last, or gone by now.
      return (await comparisons.used(datasetId)).map((used) => ({
        ...used,
        title: titles.get(used.modelId) ?? used.title,
      }));
    },

    'models.compare': ({ datasetId, modelIds }) => {
      store.datasets.get(datasetId);
      return compareModels(comparisons, datasetId, modelIds);
    },

    'providers.list': () => providers.list(),

    'providers.probe': ({ modelId }) =>
      alone.run('measure', async (signal) => {
        const chosen = modelId ?? (await registry.defaultId());
        if (chosen === null) throw new AppError('model.not-found', 'There is no usable model');
        const model = await registry.get(chosen);
        return providers.probe(model, { threads: inferenceThreads(settings().threads), signal });
      }),
  };
}
