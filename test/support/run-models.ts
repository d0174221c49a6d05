/** @file Models as a run queue wants them, without integer forms and without measuring. */
import { baseModelId, type Tuning } from '../../electron/core/model.ts';
import { openRegistry } from '../../electron/engine/models/registry.ts';
import type { RunModels } from '../../electron/engine/run-model.ts';
import { modelsFolder } from './engine.ts';

export const plainTuning: Tuning = {
  sessions: 1,
  threads: 1,
  batchSize: 8,
  mergeWidth: 0,
  imagesPerSecond: 1,
  measuredMs: 0,
};

export function plainRunModels(): RunModels {
  const registry = openRegistry([modelsFolder]);
  return {
    variants: { forRun: (modelId) => registry.get(baseModelId(modelId)) },
    tunings: { forRun: () => Promise.resolve(plainTuning) },
    defaultId: () => registry.defaultId(),
  };
}
