/** @file What a side process does before its work: be watched, and be the one to go when memory runs out. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { TrialLimits } from './trial-protocol.ts';
import type { WatchData } from './trial-watch.ts';

/** Taken at once: an orphan gets another one. */
const parentPid = process.ppid;

/** A thread of its own ends this process when its time, its memory or its parent is gone. @returns when it watches */
export async function goUnderWatch(limits: TrialLimits): Promise<void> {
  volunteer();
  const workerData: WatchData = { ...limits, parentPid };
  const watcher = new Worker(watchUrl(), { workerData });
  watcher.unref();
  await once(watcher, 'online');
}

/** When the machine runs out of memory, this process is the one to go, not the engine or the desktop. */
function volunteer(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch {
    // Only Linux has it; the watch limits memory everywhere.
  }
}

/** From source it is TypeScript beside this file; in the bundle it lies beside it under its own name. */
function watchUrl(): URL {
  return import.meta.url.endsWith('.ts')
    ? new URL('./trial-watch.ts', import.meta.url)
    : new URL('./trial-watch.mjs', import.meta.url);
}
