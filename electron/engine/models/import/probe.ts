/** @file Trying a graph in a process of its own before anything is believed of it. */
import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { runTrial } from '../../inference/trial.ts';
import type { TrialResult } from '../../inference/trial-protocol.ts';

/** Loading and one batch of four of the largest ResNeXt (115 M parameters) take about 10 s on two slow cores. */
const timeoutMs = 60_000;
/** Of files that small nothing honest takes longer. */
const smallBytes = 4 * 1024 * 1024;
const smallTimeoutMs = 20_000;
const maxRssBytes = 6 * 1024 ** 3;
const smallMaxRssBytes = 1024 ** 3;

type Outputs = TrialResult['batches'][number]['outputs'];

/**
 * One run for each batch size, on the processor.
 *
 * @param batches  rows of each
 * @throws {AppError} 'model.invalid' with the reason, 'aborted'
 */
export async function probe(
  file: string,
  input: { width: number; height: number; type: 'float32' | 'uint8' },
  batches: readonly number[],
  signal: AbortSignal | undefined,
): Promise<Outputs[]> {
  const { size } = await stat(file);
  const small = size < smallBytes;
  const result = await runTrial(
    {
      file,
      provider: 'cpu',
      threads: Math.max(1, Math.min(4, availableParallelism())),
      width: input.width,
      height: input.height,
      batches: batches.map((rows) => ({ rows, repeat: 1 })),
      values: input.type === 'uint8' ? 'bytes' : 'normalised',
    },
    {
      timeoutMs: small ? smallTimeoutMs : timeoutMs,
      maxRssBytes: small ? smallMaxRssBytes : maxRssBytes,
      ...(signal && { signal }),
    },
  );
  return result.batches.map(({ outputs }) => outputs);
}

/**
 * Whether a picture gets the same row alone and among others.
 *
 * @param outputs  of batches whose row r holds the same picture; the first one has one row
 */
export function sameRows(outputs: readonly Outputs[], name: string, tolerance = 1e-4): boolean {
  const [alone, among] = outputs.map((output) => output[name]);
  if (!alone || !among) return alone !== undefined;
  const width = alone.values.length / (alone.shape[0] ?? 1);
  let largest = 0;
  for (let column = 0; column < width; column++) largest = Math.max(largest, Math.abs(alone.values[column]!));
  for (let column = 0; column < width; column++) {
    const difference = Math.abs(alone.values[column]! - among.values[column]!);
    if (!(difference <= tolerance * Math.max(1, largest))) return false;
  }
  return among.values.length === width * (among.shape[0] ?? 0);
}
