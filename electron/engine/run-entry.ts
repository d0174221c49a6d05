/** @file What the queue knows of a dataset's run: ordered, under way, or how it ended. */
import type { RunProgress } from '#core/run.ts';
import type { Run } from './run.ts';

export interface RunEntry {
  progress: RunProgress;
  /** Null before its pipeline starts and after it has ended. */
  run: Run | null;
  /** Asked to pause before there was a run to ask. */
  pauseFirst: boolean;
  stop: AbortController;
}

/** @param progress  what is known already; the rest is that of a run nobody has counted yet */
export function newRunEntry(
  progress: Pick<RunProgress, 'datasetId' | 'modelId' | 'state' | 'total' | 'gentle'> & Partial<RunProgress>,
): RunEntry {
  return {
    run: null,
    pauseFirst: false,
    stop: new AbortController(),
    progress: {
      runId: 0,
      done: 0,
      failed: 0,
      imagesPerSecond: null,
      secondsLeft: null,
      reason: null,
      ...progress,
    },
  };
}

const activeStates: ReadonlySet<RunProgress['state']> = new Set(['scanning', 'tuning', 'loading', 'running', 'paused']);

export function isActive(entry: RunEntry | undefined): entry is RunEntry {
  return entry !== undefined && activeStates.has(entry.progress.state);
}
