/** @file From what a model gives for one picture to its scores. */
import { sigmoids, softmax, temper } from '#core/scores.ts';
import type { Manifest } from '../models/manifest.ts';

/**
 * @param raw  shape [C]; not kept
 * @returns    shape [C], an array of its own, each in [0, 1]
 */
export function calibratedScores(
  raw: Float32Array,
  { outputs, temperature, multiLabel }: Pick<Manifest, 'outputs' | 'temperature' | 'multiLabel'>,
): Float32Array {
  // Scores are for softmax only: an output that has done it already loses no more than a shift of the logits.
  if (outputs.logits === undefined) return temper(raw.slice(), temperature);
  return multiLabel ? sigmoids(raw, temperature) : softmax(raw, temperature);
}
