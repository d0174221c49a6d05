/** @file Ctrl-C: the first stops cleanly, the second at once. */
import type { EngineProcess } from '#host';
import { exitCodes } from './exit-codes.ts';

/**
 * The signals stay taken until the process ends: one that comes while the engine closes must not tear it down.
 *
 * @param engine  killed at the second signal, right before the process exits
 * @returns       fires at the first SIGINT or SIGTERM
 */
export function onInterrupt(engine: Pick<EngineProcess, 'pid'>): AbortSignal {
  const first = new AbortController();
  const receive = () => {
    if (!first.signal.aborted) return first.abort();
    kill(engine.pid);
    process.exit(exitCodes.interrupted);
  };
  process.on('SIGINT', receive);
  process.on('SIGTERM', receive);
  return first.signal;
}

function kill(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
