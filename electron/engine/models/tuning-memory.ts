/** @file How many sessions of a model fit into the memory that labeling may take. */
import type { GraphFacts } from './tuning-guess.ts';

const megabyte = 1024 ** 2;
/** Node, the runtime, the library file, decoding; measured: 110–135 MB. */
const restBytes = 130 * megabyte;
/** Files of up to so many bytes, and what all of the engine may take with them. Larger models get what one session needs. */
const limits = [
  { fileBytes: 40 * megabyte, totalBytes: 300 * megabyte },
  { fileBytes: 110 * megabyte, totalBytes: 550 * megabyte },
];

/**
 * @param sessionBytes  as measured; without, what ResNeXt-50 showed is taken: weights in the order of the processor's
 *   kernels, a part of them twice, and the values of four pictures between the layers
 * @returns             one at least
 */
export function sessionsThatFit(
  { fileBytes }: Pick<GraphFacts, 'fileBytes'>,
  sessionBytes = 1.4 * fileBytes + 45 * megabyte,
): number {
  const limit = limits.find((each) => fileBytes <= each.fileBytes);
  if (!limit) return 1;
  return Math.max(1, Math.floor((limit.totalBytes - restBytes) / Math.max(1, sessionBytes)));
}
