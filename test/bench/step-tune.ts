/** @file How both models run fastest here, found out or supposed before anything is measured. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Tuning } from '#core/model.ts';
import { openMachine } from '../../electron/engine/models/machine.ts';
import { openRegistry } from '../../electron/engine/models/registry.ts';
import { openTunings } from '../../electron/engine/models/tuning.ts';
import { floatId, integerId, type BenchModels } from './bench-models.ts';
import type { Form } from './findings.ts';

/** Of one model, for so many cores. */
export interface KnownTuning {
  form: Form;
  cores: number;
  tuning: Tuning;
}

/**
 * @param cachePath  of the engine, which then finds the same
 * @param measures   in about ten seconds for each; else what is known from before, or a guess
 */
export async function tuneModels(models: BenchModels, cachePath: string, measures: boolean): Promise<KnownTuning[]> {
  const tunings = openTunings(openMachine(join(cachePath, 'machine.json')));
  const registry = openRegistry([models.folder]);
  const all = availableParallelism();
  const found: KnownTuning[] = [];
  for (const [form, id] of [
    ['fp32', floatId],
    ['int8', integerId],
  ] as const) {
    const model = await registry.get(id);
    for (const cores of new Set([1, Math.min(2, all), all])) {
      const tuning = measures
        ? await tunings.measure(model, { provider: 'cpu', threads: cores })
        : await tunings.forRun(model, { provider: 'cpu', threads: cores, batchSize: 0, pictureCount: 0 });
      found.push({ form, cores, tuning });
    }
  }
  return found;
}

/** For one core. */
export function tuningOf(tunings: readonly KnownTuning[], wanted: Form): Tuning {
  return tunings.find(({ form, cores }) => form === wanted && cores === 1)!.tuning;
}
