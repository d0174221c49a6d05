/** @file Low priority for threads, so that whoever uses the machine does not notice them. */
import { readdirSync, readFileSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';

const { PRIORITY_BELOW_NORMAL, PRIORITY_LOW, PRIORITY_NORMAL } = constants.priority;
const tasks = '/proc/self/task';

/**
 * This thread, and those it starts from now on, yield to everything else.
 *
 * On Linux a priority belongs to a thread and new threads inherit it; elsewhere it belongs to the process, of which the
 * part that answers calls must stay responsive. Lowering is for good: without special rights Linux and macOS let nobody
 * raise a priority again, so what is to be fast later has to be another thread.
 */
export function lowerThisThread(): void {
  attempt(0, process.platform === 'linux' ? PRIORITY_LOW : PRIORITY_BELOW_NORMAL);
}

let poolIsLow = false;

/**
 * The threads in which pictures are decoded, those of libuv's pool and of libvips': they serve the whole process, so they
 * cannot be replaced. Raising them again is a wish that only Windows, and a Linux with the right to it, grants; else
 * they stay as they are, which costs nothing but turns on a machine where others want to compute.
 */
export function setPoolPriority(low: boolean): void {
  if (low === poolIsLow) return;
  poolIsLow = low;
  if (process.platform !== 'linux') {
    // Elsewhere it is the process that has a priority, and `lowerThisThread` lowers it.
    if (!low) attempt(0, PRIORITY_NORMAL);
    return;
  }
  const priority = low ? PRIORITY_LOW : getPriority(process.pid);
  for (const thread of poolThreads()) attempt(thread, priority);
}

const poolNames: ReadonlySet<string> = new Set(['libuv-worker', 'libvips worker']);

/** Ids of threads, which Linux takes in place of ids of processes. */
function poolThreads(): number[] {
  try {
    const names = readdirSync(tasks).map((id) => ({ id, name: threadName(id) }));
    return names.filter(({ name }) => poolNames.has(name)).map(({ id }) => Number(id));
  } catch {
    return [];
  }
}

function threadName(id: string): string {
  try {
    return readFileSync(`${tasks}/${id}/comm`, 'utf8').trim();
  } catch {
    return ''; // ended meanwhile
  }
}

function attempt(id: number, priority: number): void {
  try {
    setPriority(id, priority);
  } catch {
    // A wish, not a promise: labeling works with any priority.
  }
}
