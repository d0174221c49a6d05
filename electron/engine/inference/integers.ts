/** @file What computing in integers gives on this machine: found out by doing it, whatever the processor calls itself. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '#core/errors.ts';
import type { Integers } from '../models/machine.ts';
import type { OnnxModel } from '../models/onnx/model.ts';
import { writeOnnx } from '../models/onnx/write.ts';
import { fullBytesGraph, fullBytesSums, integerGraph, floatGraph, probeSide } from './integer-graphs.ts';
import { runContest, runTrial } from './trial.ts';
import type { Entrant } from './trial-protocol.ts';

/** Together about a second, when the machine has nothing else to do. */
const maxRounds = 25;
const stopAfterMs = 400;
const timeoutMs = 30_000;
const maxRssBytes = 1024 ** 3;
/** As the sessions of a run have them: what pays for floats and for integers. */
const mergeWidths = { float: 16, integer: 32 };
/** Of a step of the output's bytes: rounding moves a sum by half of one at most. */
const tolerance = 0.75;

const picture = { width: probeSide, height: probeSide, values: 'normalised' } as const;

/**
 * Time a small graph in floats and in integers, and let integers add up where 16 bits would not hold two products.
 *
 * @returns gain 0 where integers do not run at all
 * @throws {AppError} 'aborted' through `signal`, nothing else
 */
export async function probeIntegers({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<Integers> {
  const options = { timeoutMs, maxRssBytes, ...(signal && { signal }) };
  let gain = 0;
  let exact = false;
  let folder: string | null = null;
  try {
    folder = await mkdtemp(join(tmpdir(), 'labelwright-integers-'));
    const save = async (name: string, model: OnnxModel): Promise<Entrant['file']> => {
      const path = join(folder!, name);
      return { path, sha256: (await writeOnnx(path, model, { signal })).sha256 };
    };
    const fullBytes = await save('full.onnx', fullBytesGraph());
    const batches = [{ rows: 1, repeat: 1 }];
    const tried = await runTrial({ file: fullBytes.path, provider: 'cpu', threads: 1, ...picture, batches }, options);
    exact = isExact(tried.batches[0]!.outputs);

    const alone = { sessions: 1, threads: 1, rows: 1 };
    const entrants = [
      { ...alone, file: await save('float.onnx', floatGraph()), mergeWidth: mergeWidths.float },
      { ...alone, file: await save('integer.onnx', integerGraph()), mergeWidth: mergeWidths.integer },
    ];
    const { turns } = await runContest({ ...picture, entrants, maxRounds, stopAfterMs, turnMs: 5 }, options);
    const [float, integer] = turns;
    gain = median(float!.map(({ cpuMsPerImage }, round) => cpuMsPerImage / integer![round]!.cpuMsPerImage));
  } catch (thrown) {
    if (signal?.aborted) throw new AppError('aborted', 'The measurement was cancelled', { cause: thrown });
    gain = 0;
  } finally {
    if (folder !== null) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
  return { gain: Number.isFinite(gain) ? gain : 0, exact, measuredMs: Date.now() };
}

function isExact(outputs: Record<string, { values: Float32Array }>): boolean {
  const expected = Object.entries(fullBytesSums());
  return expected.every(([name, { sums, step }]) => {
    const values = outputs[name]?.values;
    // Every place of the picture has the same sums; the graph gives their mean.
    return (
      values?.length === sums.length && sums.every((sum, index) => Math.abs(values[index]! - sum) <= tolerance * step)
    );
  });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}
