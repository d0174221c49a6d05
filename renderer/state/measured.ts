/** @file Whether a share was measured at all, or nothing was there to measure it on. */
import type { HeadReport, Interval } from '#core/learn.ts';

type ReportedCategory = HeadReport['categories'][number];

/**
 * Why a figure of a category says nothing: its one example is never there when it is held out, or no held-out picture
 * was called so.
 *
 * @returns  null for a figure that was measured
 */
export function unmeasured(
  { exampleCount }: Pick<ReportedCategory, 'exampleCount'>,
  { low, high }: Interval,
): 'one-example' | 'never-predicted' | null {
  if (exampleCount < 2) return 'one-example';
  // Only of no pictures at all anything from none to all may be true.
  return low === 0 && high === 1 ? 'never-predicted' : null;
}
