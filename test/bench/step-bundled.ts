/** @file The model that comes with the app, from folder to labels: as it is used, and in its float form. */
import type { BenchContext } from './context.ts';
import { photoSizes, repeated } from './corpus.ts';
import type { Finding } from './findings.ts';
import { costs, interleave, timesCheaper } from './measured.ts';
import { bundledModels, openPipeline } from './pipeline.ts';

export async function measureBundled({ plan, photos, cachePath }: BenchContext): Promise<Finding> {
  await using pipeline = await openPipeline({
    modelsPaths: [bundledModels],
    cachePath,
    threads: 0,
  });
  const paths = repeated(photos.vga, plan.labeledPhotos.vga);
  const original = 'resnext26-tags@original';
  const passes = await interleave(
    {
      default: () => pipeline.label(paths, null),
      float: () => pipeline.label(paths, original),
    },
    plan.patience.bundled,
  );
  const row = (subject: 'default' | 'float', title: string) => ({
    subject: title,
    cpu: costs(passes, subject, 'cpu'),
    wall: costs(passes, subject, 'wall'),
  });
  return {
    title: `The bundled model from folder to labels, all cores, ${photoSizes.vga.title}`,
    rows: [row('default', 'as it is used'), row('float', 'its float form')],
    ratios: { bundled_default_vs_float: timesCheaper(passes, 'default', 'float', 'cpu') },
  };
}
