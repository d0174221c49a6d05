/** @file The most memory that the engine has while it labels large photos with all cores. */
import { floatId, integerId } from './bench-models.ts';
import type { BenchContext } from './context.ts';
import { repeated } from './corpus.ts';
import type { Memory } from './findings.ts';
import { openPipeline } from './pipeline.ts';

/** A process of its own for each form: the high-water mark of a process never falls. */
export async function measureMemory(context: BenchContext): Promise<Memory> {
  return { int8: await peakOf(context, integerId), fp32: await peakOf(context, floatId) };
}

async function peakOf({ plan, photos, models, cachePath }: BenchContext, modelId: string): Promise<number | null> {
  await using pipeline = await openPipeline({
    modelsPaths: [models.folder],
    cachePath,
    threads: 0,
  });
  await pipeline.label(repeated(photos['12mp'], plan.partsPhotos['12mp']), modelId);
  return pipeline.peakMegabytes();
}
