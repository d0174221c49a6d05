/** @file Progress of scanning folders and of one model going over one dataset. */

export interface ScanProgress {
  datasetId: number;
  /** Pictures seen so far. */
  found: number;
  /** Problems so far: unreadable folders and files, loops, links that lead outside. */
  problems: number;
  finished: boolean;
}

export type RunState = 'scanning' | 'tuning' | 'loading' | 'running' | 'paused' | 'finished' | 'cancelled' | 'failed';

export interface RunProgress {
  datasetId: number;
  runId: number;
  modelId: string;
  state: RunState;
  /** Pictures with a result (labeled or failed) of all that need one; what is counted is committed. */
  done: number;
  failed: number;
  total: number;
  /** Of a moving window; null until known. */
  imagesPerSecond: number | null;
  secondsLeft: number | null;
  /** Set when `state` is 'failed' (an error code) or a pause has a reason (disk full, folder gone). */
  reason: string | null;
  /** On one core with low priority. */
  gentle: boolean;
}
