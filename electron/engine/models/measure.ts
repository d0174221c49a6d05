/** @file How fast a model is on this machine: the time of one `session.run`, without decoding. */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelSpeed } from '#core/model.ts';
import type { ExecutionProvider } from '#core/providers.ts';
import { runTrial } from '../inference/trial.ts';
import type { TrialPicture, TrialRequest } from '../inference/trial-protocol.ts';
import type { InstalledModel } from './manifest.ts';
import { buildResnext } from './onnx/build.ts';
import { readOnnx } from './onnx/read.ts';
import { writeOnnx } from './onnx/write.ts';
import type { Architecture } from './resnext/architecture.ts';
import { architectureName } from './resnext/names.ts';
import { randomTensors } from './resnext/random.ts';
import type { Tunings } from './tuning.ts';

type Subject = TrialPicture & Pick<TrialRequest, 'file' | 'arranged'>;

export interface MeasureOptions {
  provider: ExecutionProvider;
  /** Intra-op threads. */
  threads: number;
  signal?: AbortSignal | undefined;
}

/** As in the tables of PaddleClas. */
const batchSizes = [1, 4, 8];
/**
 * Runs of one batch size go on for this long. The largest ResNeXt (23 · 10⁹ multiply-accumulates) then takes half a
 * minute on one slow core: a few runs of one picture, one run each of four and eight.
 */
const measureMs = 3_000;
const maxRuns = 200;
/** Loading and measuring the largest one on a machine that is busy with something else. */
const timeoutMs = 300_000;
/** Weights in the file, in memory and rearranged for the processor, and the values between the layers. */
const memoryPerFileByte = 4;
const memoryBaseBytes = 3 * 1024 ** 3;
/** Another seed would measure the same. */
const weightSeed = 1;

/**
 * @param options.mergeWidth  as for a session; without, the file is loaded as it is
 * @throws {AppError} 'model.invalid' or 'provider.failed' with the reason if it does not run, 'aborted'; with a width
 *   also 'model.not-found', 'model.corrupt'
 */
export async function measureModel(
  model: InstalledModel,
  { mergeWidth, ...options }: MeasureOptions & { mergeWidth?: number },
): Promise<ModelSpeed> {
  const arranged = mergeWidth === undefined ? {} : { arranged: { sha256: model.sha256, mergeWidth } };
  return measureFile({ ...trialOf(model), ...arranged }, options);
}

/**
 * Find the best settings for a model, and time it with them: `imagesPerSecond` is that of all its sessions together.
 *
 * @param options.threads  what the person set; 0 leaves it to us
 * @throws {AppError} as {@link measureModel}
 */
export async function measureTuned(
  tunings: Pick<Tunings, 'measure'>,
  model: InstalledModel,
  { provider, threads, signal }: MeasureOptions,
): Promise<ModelSpeed> {
  const tuning = await tunings.measure(model, { provider, threads, signal });
  const speed = await measureModel(model, { provider, threads: tuning.threads, mergeWidth: tuning.mergeWidth, signal });
  return { ...speed, imagesPerSecond: Math.max(speed.imagesPerSecond, tuning.imagesPerSecond) };
}

/** What a trial of an installed model has to know of it. */
export function trialOf({ folder, manifest }: InstalledModel): TrialPicture & { file: string } {
  const { width, height, type } = manifest.input;
  return { file: join(folder, manifest.file), width, height, values: type === 'uint8' ? 'bytes' : 'normalised' };
}

/**
 * An architecture with random weights, BatchNorms folded: as fast as any weights it may get.
 *
 * @param side  of the square input, pixels
 * @throws {AppError} as {@link measureModel}, 'disk.full' if there is no room for the weights
 */
export async function measureArchitecture(
  architecture: Architecture,
  side: number,
  options: MeasureOptions,
): Promise<ModelSpeed> {
  const folder = await mkdtemp(join(tmpdir(), 'labelwright-measure-'));
  try {
    const file = join(folder, 'model.onnx');
    const weights = randomTensors(architecture, weightSeed);
    const model = buildResnext(architecture, weights, { foldBatchNorm: true, side });
    await writeOnnx(file, model, { signal: options.signal });
    return await measureFile({ file, width: side, height: side, values: 'normalised' }, options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Under which an architecture's speed is remembered. */
export function architectureKey(architecture: Architecture | string, side: number): string {
  const name = typeof architecture === 'string' ? architecture : architectureName(architecture);
  return side === 224 ? name : `${name} at ${side}`;
}

async function measureFile(subject: Subject, { provider, threads, signal }: MeasureOptions): Promise<ModelSpeed> {
  const fixed = fixedRows(subject.file);
  const sizes = fixed === null ? batchSizes : [fixed];
  const { size } = await stat(subject.file);
  const { batches } = await runTrial(
    {
      ...subject,
      provider,
      threads,
      batches: sizes.map((rows) => ({ rows, repeat: maxRuns, stopAfterMs: measureMs })),
    },
    { timeoutMs, maxRssBytes: trialMemory(size), ...(signal && { signal }) },
  );
  const measured = batches.map(({ milliseconds }, index) => ({
    rows: sizes[index]!,
    milliseconds: typicalMs(milliseconds),
  }));
  return {
    provider,
    threads,
    batches: measured,
    imagesPerSecond: Math.max(...measured.map(({ rows, milliseconds }) => (rows * 1000) / milliseconds)),
    measuredMs: Date.now(),
  };
}

/** What the process of a trial may need for batches of up to eight, bytes. */
export function trialMemory(fileBytes: number): number {
  return memoryBaseBytes + memoryPerFileByte * fileBytes;
}

/** How many pictures the graph insists on, or null when any number will do. */
export function fixedRows(file: string): number | null {
  using model = readOnnx(file);
  const rows = model.graph.inputs[0]?.shape[0];
  return typeof rows === 'number' && rows > 0 ? rows : null;
}

/**
 * The median without the first run, which allocates and may compile.
 *
 * @param milliseconds  of each run, one at least; a single one counts: so long a run hides what was special about it
 */
export function typicalMs(milliseconds: readonly number[]): number {
  const sorted = milliseconds.slice(milliseconds.length > 1 ? 1 : 0).sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
