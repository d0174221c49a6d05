/** @file How many threads one session gets. */
import { availableParallelism } from 'node:os';

/** @param setting  what the person set; 0 lets us choose */
export function inferenceThreads(setting: number): number {
  // One core stays for decoding, which overlaps inference; beyond eight, threads of one session gain little.
  return setting || Math.max(1, Math.min(8, availableParallelism() - 1));
}
