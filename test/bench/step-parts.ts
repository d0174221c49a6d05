/** @file What the whole pipeline costs beside decoding alone and inferring alone, for one photo size, on one thread. */
import type { Tuning } from '#core/model.ts';
import type { AloneQuestion } from './alone.ts';
import { floatId, integerId } from './bench-models.ts';
import type { BenchContext } from './context.ts';
import { photoSizes, repeated, type PhotoSize } from './corpus.ts';
import type { Finding } from './findings.ts';
import { costs, interleave, inverse, timesCheaper, type Measured } from './measured.ts';
import { startAlone } from './parts.ts';
import { openPipeline } from './pipeline.ts';
import { tuningOf } from './step-tune.ts';

export async function measureParts(context: BenchContext, size: PhotoSize): Promise<Finding> {
  const { plan, photos, models, cachePath, tunings } = context;
  const paths = repeated(photos[size], plan.partsPhotos[size]);
  await using pipeline = await openPipeline({
    modelsPaths: [models.folder],
    cachePath,
    threads: 1,
  });
  const [integer, float] = [tuningOf(tunings, 'int8'), tuningOf(tunings, 'fp32')];
  // A program of its own each time, as cold as the threads of a run are when it begins: few pictures would not make up
  // for what that costs.
  const ask =
    (part: AloneQuestion['part'], modelId: string, { batchSize, mergeWidth }: Tuning) =>
    async () => {
      await using alone = await startAlone(models);
      return await alone.ask<Measured>({
        part,
        modelId,
        paths,
        batchSize,
        mergeWidth,
        warm: false,
      } satisfies AloneQuestion);
    };

  const passes = await interleave(
    {
      integerPipeline: () => pipeline.label(paths, integerId),
      integerInference: ask('infer', integerId, integer),
      decoding: ask('decode', integerId, integer),
      floatInference: ask('infer', floatId, float),
      floatPipeline: () => pipeline.label(paths, floatId),
    },
    plan.patience.parts,
  );

  const row = (subject: keyof (typeof passes)[number], title: string) => ({
    subject: title,
    cpu: costs(passes, subject, 'cpu'),
    wall: costs(passes, subject, 'wall'),
  });
  const overhead = (form: 'integer' | 'float') =>
    inverse(timesCheaper(passes, `${form}Pipeline`, ['decoding', `${form}Inference`], 'cpu'));
  return {
    title: `The pipeline and its parts, one thread, ${photoSizes[size].title}`,
    rows: [
      row('decoding', 'decoding alone'),
      row('integerInference', 'inference alone, int8'),
      row('integerPipeline', 'pipeline, int8'),
      row('floatInference', 'inference alone, fp32'),
      row('floatPipeline', 'pipeline, fp32'),
    ],
    ratios: {
      [`pipeline_cpu_vs_parts_${size}` as const]: overhead('integer'),
      [`pipeline_cpu_vs_parts_${size}_fp32` as const]: overhead('float'),
    },
  };
}
