/** @file Which form of a model a run takes, and which results it lets stand. */
import { baseModelId, fastSuffix, floatSuffix } from '#core/model.ts';
import type { Variants } from './models/fast/variants.ts';
import type { InstalledModel } from './models/manifest.ts';
import type { Tunings } from './models/tuning.ts';
import type { RunRow } from './store/runs.ts';

/** What a run has to know of models. */
export interface RunModels {
  variants: Pick<Variants, 'forRun'>;
  tunings: Pick<Tunings, 'forRun'>;
  /** The first usable one. */
  defaultId(): Promise<string | null>;
}

export interface RunForm {
  model: InstalledModel;
  /** SHA-256 of the float file that both forms come from. */
  original: string;
  /**
   * Only results of this very form stand, so that a dataset can have those of both. Else what either has labeled needs no
   * labeling again: a form is compared before it may stand for the other.
   */
  insists: boolean;
}

/**
 * @param modelId  'a' leaves the form to us; 'a@int8' and 'a@original' insist
 * @throws {AppError} as `Variants.forRun`
 */
export async function formOfRun(modelId: string, { variants }: RunModels): Promise<RunForm> {
  const model = await variants.forRun(modelId);
  const base = baseModelId(modelId);
  const original = model.id.endsWith(fastSuffix) ? await variants.forRun(insistOn(base)) : model;
  return { model, original: original.sha256, insists: modelId !== base };
}

/** The model to ask for so that a run goes on: with the form somebody asked for, else with the one in use by now. */
export function goingOn({ modelName, insists }: Pick<RunRow, 'modelName' | 'insists'>): string {
  return insists ? insistOn(modelName) : baseModelId(modelName);
}

/** @param name  of a model in the library: 'a@int8', or 'a' for the float form */
function insistOn(name: string): string {
  return name.endsWith(fastSuffix) ? name : `${baseModelId(name)}${floatSuffix}`;
}
