/** @file Lets the engine find out how both models run fastest here, before anything is measured. */
import { join } from 'node:path';
import { floatId, integerId } from './bench-models.ts';
import type { BenchContext } from './context.ts';
import { openPipeline } from './pipeline.ts';

/** Until measured: what is right for most processors with AVX-512. */
const usualWidths = { float: 16, integer: 32 };

export async function tuneModels({ plan, models, home }: BenchContext): Promise<BenchContext['mergeWidths']> {
  if (!plan.tunes) return usualWidths;
  await using pipeline = await openPipeline({
    modelsPaths: [models.folder],
    cachePath: join(home, 'cache'),
    threads: 0,
  });
  await pipeline.tune(floatId);
  await pipeline.tune(integerId);
  return usualWidths;
}
