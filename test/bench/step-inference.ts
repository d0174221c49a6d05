/** @file Inference alone on one thread: ours in both forms, onnxruntime's own, and what the core can do at most. */
import { join } from 'node:path';
import type { AloneQuestion } from './alone.ts';
import { floatId, integerId } from './bench-models.ts';
import type { BenchContext } from './context.ts';
import type { Finding } from './findings.ts';
import type { LineProcess } from './line-process.ts';
import { costs, interleave, spreadOf, timesCheaper, type Measured, type Pass, type Spread } from './measured.ts';
import { startAlone } from './parts.ts';
import { startPeak, type Peak } from './peak.ts';
import { tuningOf } from './step-tune.ts';

const batchSize = 4;

type Subject = 'float' | 'integer' | 'onnxruntime';

export async function measureInference({ plan, photos, models, home, tunings }: BenchContext): Promise<Finding> {
  await using alone = await startAlone(models);
  await using peak = await startPeak(join(home, 'programs'));
  const paths = photos.vga.slice(0, plan.inferencePhotos);
  const ask = (part: AloneQuestion['part'], modelId: string, mergeWidth: number) => () =>
    alone.ask<Measured>({ part, modelId, paths, batchSize, mergeWidth, warm: true } satisfies AloneQuestion);
  const widths = { integer: tuningOf(tunings, 'int8').mergeWidth, float: tuningOf(tunings, 'fp32').mergeWidth };
  const peaks: Peak[] = [];

  const float = ask('infer', floatId, widths.float);
  const passes = await interleave<Subject>(
    {
      float: async () => {
        await askPeak(peak, peaks);
        return float();
      },
      integer: ask('infer', integerId, widths.integer),
      onnxruntime: ask('onnxruntime', floatId, 0),
    },
    plan.patience.inference,
  );

  const share = (subject: Subject, kind: keyof Peak) => shareOfPeak(passes, subject, peaks, kind, models.macCount);
  const names = [peaks[0]?.floats?.name, peaks[0]?.bytes?.name].filter((name) => name !== undefined);
  const row = (subject: Subject, title: string) => ({
    subject: title,
    cpu: costs(passes, subject, 'cpu'),
    wall: costs(passes, subject, 'wall'),
  });
  return {
    title: 'Inference alone, one thread, four pictures at a time',
    rows: [
      row('integer', `int8, ${groups(widths.integer)}`),
      row('float', `fp32, ${groups(widths.float)}`),
      row('onnxruntime', 'onnxruntime fp32, the same file'),
      ...floorRows(peaks, models.macCount, names),
    ],
    ratios: {
      int8_vs_ort_fp32: timesCheaper(passes, 'integer', 'onnxruntime', 'cpu'),
      fp32_vs_ort_fp32: timesCheaper(passes, 'float', 'onnxruntime', 'cpu'),
      fp32_of_peak: share('float', 'floats'),
      int8_of_peak: share('integer', 'bytes'),
      ort_fp32_of_peak: share('onnxruntime', 'floats'),
    },
  };
}

function groups(mergeWidth: number): string {
  return mergeWidth === 0 ? 'groups as they are' : `groups merged to ${mergeWidth}`;
}

async function askPeak(peak: LineProcess | null, peaks: Peak[]): Promise<void> {
  if (peak) peaks.push(await peak.ask<Peak>({}));
}

/** Milliseconds for one picture if every cycle were a full multiply-add. */
function floorMs(peaks: readonly Peak[], kind: keyof Peak, macCount: number): Spread | null {
  const rates = spreadOf(peaks.flatMap((peak) => peak[kind]?.gigaOperations ?? []));
  const ms = (rate: number) => (macCount * 2) / (rate * 1e6);
  return rates && { median: ms(rates.median), min: ms(rates.max), max: ms(rates.min) };
}

function floorRows(peaks: readonly Peak[], macCount: number, names: readonly string[]): Finding['rows'] {
  return (['bytes', 'floats'] as const).flatMap((kind) => {
    const cpu = floorMs(peaks, kind, macCount);
    const name = names[kind === 'floats' ? 0 : 1];
    return cpu ? [{ subject: `floor: nothing but ${name} multiply-adds`, cpu, wall: null }] : [];
  });
}

function shareOfPeak(
  passes: readonly Pass<Subject>[],
  subject: Subject,
  peaks: readonly Peak[],
  kind: keyof Peak,
  macCount: number,
): Spread | null {
  const floor = floorMs(peaks, kind, macCount);
  const cost = costs(passes, subject, 'cpu');
  return (
    floor && cost && { median: floor.median / cost.median, min: floor.median / cost.max, max: floor.median / cost.min }
  );
}
