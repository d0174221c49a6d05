/**
 * @file The body of an answer, collected as it arrives.
 *
 * Not by the stream's own iterator: that one throws away what has arrived when the connection breaks, and it would have
 * to be fetched again.
 */
import type { IncomingMessage } from 'node:http';
import { AppError } from '#core/errors.ts';
import { networkError, stalled } from './network-error.ts';

export interface Body {
  /** Once. @throws {AppError} 'network.failed', after all that arrived before; 'aborted' at once */
  read(stallMs: number, signal?: AbortSignal): AsyncGenerator<Buffer>;
}

/** Held in memory for a disk slower than the network. */
const maxWaitingBytes = 4 * 1024 * 1024;

/** @param host  who sends it, for sentences */
export function collectBody(response: IncomingMessage, host: string): Body {
  const waiting: Buffer[] = [];
  let waitingBytes = 0;
  let end: { failure: unknown } | undefined;
  let wake = () => {};

  response.on('data', (chunk: Buffer) => {
    waiting.push(chunk);
    waitingBytes += chunk.length;
    if (waitingBytes > maxWaitingBytes) response.pause();
    wake();
  });
  const finish = (failure: unknown) => {
    end ??= { failure };
    wake();
  };
  response.on('end', () => finish(null));
  response.on('error', finish);
  response.on('close', () => finish(new Error('closed')));

  return {
    async *read(stallMs, signal) {
      for (;;) {
        for (let chunk = waiting.shift(); chunk; chunk = waiting.shift()) {
          waitingBytes -= chunk.length;
          yield chunk;
          if (signal?.aborted) throw new AppError('aborted', 'The download was stopped');
        }
        if (end?.failure === null) return;
        if (end) throw networkError(end.failure, host, signal);
        response.resume();
        const woken = new Promise<void>((resolve) => (wake = resolve));
        // Only while we wait for the server: a slow disk is not its fault.
        const timer = setTimeout(() => response.destroy(stalled(host, stallMs)), stallMs);
        await woken;
        clearTimeout(timer);
      }
    },
  };
}
