/** @file Ctrl-C: the first stops cleanly, the second at once. */
import { exitCodes } from './exit-codes.ts';

/**
 * @param killNow  called at the second signal, right before the process exits
 * @returns        `signal` fires at the first SIGINT or SIGTERM; dispose to give the signals back
 */
export function onInterrupt(killNow: () => void): Disposable & { signal: AbortSignal } {
  const first = new AbortController();
  const receive = () => {
    if (!first.signal.aborted) return first.abort();
    killNow();
    process.exit(exitCodes.interrupted);
  };
  process.on('SIGINT', receive);
  process.on('SIGTERM', receive);
  return {
    signal: first.signal,
    [Symbol.dispose]() {
      process.off('SIGINT', receive);
      process.off('SIGTERM', receive);
    },
  };
}
