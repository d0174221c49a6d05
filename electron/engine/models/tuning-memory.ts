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
 * @param sessionBytes  as measured; without, about what ResNeXt-50 showed is taken
 * @returns             one at least
 */
export function sessionsThatFit(
  facts: Pick<GraphFacts, 'fileBytes' | 'isInteger'>,
  sessionBytes = usualSessionBytes(facts),
): number {
  const limit = limits.find(({ fileBytes }) => facts.fileBytes <= fileBytes);
  if (!limit) return 1;
  return Math.max(1, Math.floor((limit.totalBytes - restBytes) / Math.max(1, sessionBytes)));
}

/** Weights, what loading leaves of them in the allocator's hands, and the values of four pictures between the layers. */
function usualSessionBytes({ fileBytes, isInteger }: Pick<GraphFacts, 'fileBytes' | 'isInteger'>): number {
  return isInteger ? 1.3 * fileBytes + 35 * megabyte : 2.1 * fileBytes + 12 * megabyte;
}
