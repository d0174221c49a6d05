/** @file What a second core gives: the same engine kept to one core and to two. */
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { integerId } from './bench-models.ts';
import type { BenchContext } from './context.ts';
import { photoSizes, repeated } from './corpus.ts';
import type { Finding } from './findings.ts';
import { costs, interleave, timesCheaper } from './measured.ts';
import { openPipeline } from './pipeline.ts';

/** @returns null where the system cannot keep a program to some cores, or has only one */
export async function measureCores(context: BenchContext, size: 'vga' | '12mp'): Promise<Finding | null> {
  const { plan, photos, models, cachePath } = context;
  const canBind = await promisify(execFile)('taskset', ['-c', '0,1', 'true']).then(
    () => true,
    () => false,
  );
  if (!canBind || availableParallelism() < 2) return null;
  const open = (cores: string, threads: number) =>
    openPipeline({ modelsPaths: [models.folder], cachePath, threads, cores });
  await using one = await open('0', 1);
  await using two = await open('0,1', 2);
  const paths = repeated(photos[size], plan.labeledPhotos[size]);

  const passes = await interleave(
    {
      one: () => one.label(paths, integerId),
      two: () => two.label(paths, integerId),
    },
    plan.patience.cores,
  );

  const row = (subject: 'one' | 'two', title: string) => ({
    subject: title,
    cpu: costs(passes, subject, 'cpu'),
    wall: costs(passes, subject, 'wall'),
  });
  return {
    title: `One core and two, int8, ${photoSizes[size].title}`,
    rows: [row('one', 'one core'), row('two', 'two cores')],
    ratios: {
      [size === 'vga' ? 'two_cores_vs_one' : 'two_cores_vs_one_12mp']: timesCheaper(passes, 'two', 'one', 'wall'),
    },
  };
}
