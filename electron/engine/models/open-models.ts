/** @file Everything about models that the engine serves: what there is, imports, downloads, measurements. */
import { join } from 'node:path';
import type { Events, EventName, Handlers } from '#contract/calls.ts';
import type { modelEngineCalls, modelHostCalls } from '#contract/model-calls.ts';
import type { ExecutionProvider } from '#core/providers.ts';
import type { Store } from '../store/store.ts';
import { downloadHandlers, openDownloads } from './downloads.ts';
import { importHandlers } from './import/import-handlers.ts';
import { openImports } from './import/imports.ts';
import { installedHandlers } from './installed-handlers.ts';
import { openMachine } from './machine.ts';
import { architectureKey } from './measure.ts';
import { openRegistry, type Registry } from './registry.ts';
import { parseArchitecture } from './resnext/names.ts';

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
  handlers: Handlers<ModelCallName>;
  configure(settings: ModelSettings): void;
}

export function openModels({ modelsPaths, cachePath, store, atWork, emit }: ModelsOptions): Models {
  let settings: ModelSettings = { threads: 0, provider: 'cpu', proxy: '', mirror: '' };
  const machine = openMachine(join(cachePath, 'machine.json'));
  const registry = openRegistry(modelsPaths, { speedOf: (sha256) => machine.speed(sha256) });
  const changed = () => emit('models.changed', {});
  const takenIds = async () => (await registry.list()).map(({ id }) => id);

  const imports = openImports({
    ownModels: modelsPaths.at(-1)!,
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
      if (progress.state === 'finished') changed();
    },
  });

  const installed = installedHandlers({ registry, machine, store, settings: () => settings, atWork, emit });

  return {
    registry,
    handlers: {
      'models.list': () => registry.list(),
      ...importHandlers(imports, changed),
      ...downloadHandlers(downloads),
      ...installed,
    },
    configure: (next) => (settings = next),
    async [Symbol.asyncDispose]() {
      await installed['models.measure-cancel']({});
      await downloads[Symbol.asyncDispose]();
      await imports[Symbol.asyncDispose]();
    },
  };
}
