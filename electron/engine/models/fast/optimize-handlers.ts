/** @file The calls that make a model faster: from photos of the library or a folder, with the choice to use it. */
import type { EngineCallName, EventName, Events, Handlers } from '#contract/calls.ts';
import { AppError } from '#core/errors.ts';
import type { AgreementReport } from '#core/model.ts';
import { inferenceThreads } from '../../inference/threads.ts';
import type { Store } from '../../store/store.ts';
import type { Alone } from '../alone.ts';
import type { Integers } from '../machine.ts';
import type { InstalledModel } from '../manifest.ts';
import { photosIn } from './folder-photos.ts';
import type { OptimizeStep } from './optimize-protocol.ts';
import { optimizeModel } from './optimize.ts';
import { wantedPhotos } from './photo-plan.ts';
import type { OwnVariants } from './variants.ts';

export interface OptimizeHandlersOptions {
  get: (modelId: string) => Promise<InstalledModel>;
  variants: OwnVariants;
  /** What integers give on this machine, tried if need be. */
  integers: (signal: AbortSignal) => Promise<Integers>;
  store: Pick<Store, 'datasets' | 'images'>;
  settings: () => { threads: number };
  /** Called when a form has been made that will be used. */
  onMade?: (modelId: string) => void;
  alone: Alone;
  emit: <Name extends EventName>(name: Name, payload: Events[Name]) => void;
}

type OptimizeHandlers = Pick<
  Handlers<EngineCallName>,
  'models.optimize' | 'models.optimize-folder' | 'models.optimize-cancel' | 'models.use-fast' | 'models.discard-fast'
>;

/** Some photos are gone or damaged, and copies are passed over. */
const spare = 3;
/** Any; the same photos are drawn each time, so that two attempts can be compared. */
const seed = 1;

export function optimizeHandlers(options: OptimizeHandlersOptions): OptimizeHandlers {
  const { get, variants, integers, store, settings, onMade, alone, emit } = options;
  const changed = () => emit('models.changed', {});

  function optimize(modelId: string, photos: (signal: AbortSignal) => string[] | Promise<string[]>) {
    return alone.run('optimize', async (signal): Promise<AgreementReport> => {
      const tell = (step: OptimizeStep) => emit('optimize.progress', { modelId, ...step, reason: null });
      let last: OptimizeStep = { stage: 'reading', done: 0, total: wantedPhotos, secondsLeft: null };
      const end = (stage: 'finished' | 'cancelled' | 'failed', reason: string | null) =>
        emit('optimize.progress', { ...last, modelId, stage, secondsLeft: null, reason });
      tell(last);
      try {
        const model = await get(modelId);
        const report = await optimizeModel(model, await photos(signal), {
          target: variants.target(model.sha256),
          seed,
          threads: inferenceThreads(settings().threads),
          integersExact: (await integers(signal)).exact,
          onProgress: (step) => tell((last = step)),
          signal,
        });
        end('finished', null);
        if (report.passed) onMade?.(modelId);
        changed();
        return report;
      } catch (thrown) {
        const { code } = AppError.from(thrown);
        if (code === 'aborted') end('cancelled', null);
        else end('failed', code);
        throw thrown;
      }
    });
  }

  return {
    'models.optimize': ({ modelId, datasetId }) => {
      if (datasetId !== null) store.datasets.get(datasetId);
      return optimize(modelId, () => store.images.sample(datasetId, wantedPhotos * spare, seed));
    },
    'models.optimize-folder': ({ modelId, folder }) => optimize(modelId, (signal) => photosIn(folder, signal)),
    'models.optimize-cancel': () => alone.cancel('optimize'),
    'models.use-fast': async ({ modelId, use }) => {
      await variants.use(modelId, use);
      changed();
    },
    'models.discard-fast': async ({ modelId }) => {
      await variants.discard(modelId);
      changed();
    },
  };
}
