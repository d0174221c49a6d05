/** @file Everything about models that the engine serves: what there is, imports, downloads, measurements. */
import { join } from 'node:path';
import type { Events, EventName, Handlers } from '#contract/calls.ts';
import type { modelEngineCalls, modelHostCalls } from '#contract/model-calls.ts';
import type { ExecutionProvider } from '#core/providers.ts';
import type { Store } from '../store/store.ts';
import { probeIntegers } from '../inference/integers.ts';
import { openAlone } from './alone.ts';
import { downloadHandlers, openDownloads } from './downloads.ts';
import { optimizeHandlers } from './fast/optimize-handlers.ts';
import { openVariants, type Variants } from './fast/variants.ts';
import { importHandlers } from './import/import-handlers.ts';
import { openImports } from './import/imports.ts';
import { installedHandlers } from './installed-handlers.ts';
import { openMachine, type Integers } from './machine.ts';
import { architectureKey } from './measure.ts';
import { openRegistry, type Registry } from './registry.ts';
import { parseArchitecture } from './resnext/names.ts';
import { openTunings, type Tunings } from './tuning.ts';

export interface ModelSettings {
  threads: number;
  provider: ExecutionProvider;
  proxy: string;
  mirror: string;
}

export interface ModelsOptions {
  /** The person's own folder is the last one; absolute. */
  modelsPaths: string[];
  /** For what can be made or fetched again; absolute. */
  cachePath: string;
  store: Store;
  /** Ids of the models that label pictures at this moment. */
  atWork: () => readonly string[];
  emit: <Name extends EventName>(name: Name, payload: Events[Name]) => void;
}

type ModelCallName = keyof typeof modelEngineCalls | keyof typeof modelHostCalls;

export interface Models extends AsyncDisposable {
  registry: Registry;
  variants: Variants;
  tunings: Tunings;
  handlers: Handlers<ModelCallName>;
  configure(settings: ModelSettings): void;
}

export function openModels({ modelsPaths, cachePath, store, atWork, emit }: ModelsOptions): Models {
  let settings: ModelSettings = { threads: 0, provider: 'cpu', proxy: '', mirror: '' };
  const machine = openMachine(join(cachePath, 'machine.json'));
  const ownModels = modelsPaths.at(-1)!;
  const changed = () => emit('models.changed', {});

  /** Once; what it says may take a form out of use. */
  async function integers(signal?: AbortSignal): Promise<Integers> {
    const known = machine.integers();
    if (known) return known;
    const found = await probeIntegers({ signal });
    machine.rememberIntegers(found);
    changed();
    return found;
  }

  const variants = openVariants({
    get: (modelId) => registry.get(modelId),
    ownModels,
    integers: () => machine.integers(),
    probeIntegers: integers,
  });
  const registry: Registry = openRegistry(modelsPaths, {
    speedOf: (sha256) => machine.speed(sha256),
    fastOf: (folder, manifest) => variants.of(folder, manifest),
  });
  const tunings = openTunings(machine);
  const alone = openAlone(atWork);
  const takenIds = async () => (await registry.list()).map(({ id }) => id);

  /** So that the first run need not wait for it, nor anybody now; a run that comes ends it. */
  function tuneLater(modelId: string): void {
    if (atWork().length > 0) return;
    variants
      .forRun(modelId)
      .then((model) => tunings.measure(model, settings))
      .catch(() => undefined);
  }

  const imports = openImports({
    ownModels,
    takenIds,
    onProgress: (progress) => emit('import.progress', progress),
  });
  const downloads = openDownloads({
    cachePath,
    imports,
    installedIds: takenIds,
    settings: () => settings,
    speeds: ({ architecture, inputSide }) => {
      const parsed = parseArchitecture(architecture);
      return parsed && machine.speed(architectureKey(parsed, inputSide));
    },
    onProgress: (progress) => {
      emit('download.progress', progress);
      if (progress.state !== 'finished') return;
      changed();
      tuneLater(progress.entryId);
    },
  });

  const installed = installedHandlers({
    registry,
    machine,
    tunings,
    store,
    settings: () => settings,
    atWork,
    alone,
    forget: (sha256) => variants.forget(sha256),
    emit,
  });
  const optimizing = optimizeHandlers({
    get: (modelId) => registry.get(modelId),
    variants,
    integers,
    store,
    settings: () => settings,
    onMade: tuneLater,
    alone,
    emit,
  });

  const importing = importHandlers(imports, changed);

  return {
    registry,
    variants,
    tunings,
    handlers: {
      'models.list': () => registry.list(),
      ...importing,
      'models.import': async (input) => {
        const made = await importing['models.import'](input);
        tuneLater(made.modelId);
        return made;
      },
      ...downloadHandlers(downloads),
      ...installed,
      ...optimizing,
    },
    configure: (next) => (settings = next),
    async [Symbol.asyncDispose]() {
      await alone.stop();
      await tunings[Symbol.asyncDispose]();
      await downloads[Symbol.asyncDispose]();
      await imports[Symbol.asyncDispose]();
    },
  };
}
