/** @file Which form of a model a run takes: a dataset goes on with the one it was labeled with. */
import { AppError } from '#core/errors.ts';
import { baseModelId, fastSuffix } from '#core/model.ts';
import type { Variants } from './models/fast/variants.ts';
import type { InstalledModel } from './models/manifest.ts';
import type { Tunings } from './models/tuning.ts';
import type { Store } from './store/store.ts';

/** What a run has to know of models. */
export interface RunModels {
  variants: Pick<Variants, 'forRun'>;
  tunings: Pick<Tunings, 'forRun'>;
  /** The first usable one. */
  defaultId(): Promise<string | null>;
}

/**
 * The form of the model, if the dataset has results of one: two forms of a model disagree now and then, and the other one
 * would label everything again.
 *
 * @param modelId  'a' leaves the form to us; 'a@int8' and 'a@original' insist
 * @throws {AppError} as `Registry.get`
 */
export async function modelOfRun(
  modelId: string,
  datasetId: number,
  models: RunModels,
  store: Store,
): Promise<InstalledModel> {
  const latest = store.runs.latest(datasetId)?.modelName;
  if (modelId !== baseModelId(modelId) || latest === undefined || baseModelId(latest) !== modelId) {
    return models.variants.forRun(modelId);
  }
  try {
    return await models.variants.forRun(insistOn(latest));
  } catch (thrown) {
    // That form is gone: as if it had never been.
    if (!['not-found', 'model.not-found'].includes(AppError.from(thrown).code)) throw thrown;
    return models.variants.forRun(modelId);
  }
}

/** @param name  of a model in the library: 'a@int8', or 'a' for the float form */
export function insistOn(name: string): string {
  return name.endsWith(fastSuffix) ? name : `${baseModelId(name)}@original`;
}
