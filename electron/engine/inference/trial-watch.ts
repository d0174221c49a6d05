/**
 * @file The thread that ends a trial's process when its time, its memory or its parent is gone.
 *
 * The main thread cannot do it: it may be blocked in native code for ever.
 */
import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import type { TrialLimits } from './trial-protocol.ts';

export type WatchData = TrialLimits & { parentPid: number };

/** Where the reason is written before the end: a pipe to the parent, behind stdio and the message channel. */
export const verdictDescriptor = 4;
export type Verdict = 'memory' | 'time';

const tickMs = 50;
const { timeoutMs, maxRssBytes, parentPid } = workerData as WatchData;
const startedMs = performance.now();

setInterval(() => {
  if (process.memoryUsage.rss() > maxRssBytes) end('memory');
  if (performance.now() - startedMs > timeoutMs) end('time');
  if (!parentLives()) end(null);
}, tickMs);

/** On Linux and macOS an orphan gets another parent; on Windows it keeps the number of the dead one. */
function parentLives(): boolean {
  if (process.ppid !== parentPid) return false;
  if (process.platform !== 'win32') return true;
  try {
    return process.kill(parentPid, 0);
  } catch {
    return false;
  }
}

function end(verdict: Verdict | null): void {
  try {
    if (verdict) writeSync(verdictDescriptor, verdict);
  } finally {
    process.kill(process.pid, 'SIGKILL');
  }
}
