/** @file How many pictures are decoded at once: more while sessions wait for pixels, fewer while pixels wait for sessions. */

export interface DecoderTuner {
  readonly decoders: number;
  /**
   * @param what  'starved': a session had nothing to do though pictures were on their way; 'full': all slots were
   *   decoded, and the decode thread had to wait
   * @returns     true when the number has changed
   */
  note(what: 'starved' | 'full'): boolean;
}

/** Long enough for several batches, milliseconds. */
const windowMs = 500;

/**
 * @param most  ≥ 1; decoding gains nothing from more than there are cores, or threads in libuv's pool
 * @param now   a monotonic clock, milliseconds
 */
export function openDecoderTuner(most: number, now: () => number = () => performance.now()): DecoderTuner {
  let decoders = Math.min(2, most);
  let balance = 0;
  let startedMs = now();

  return {
    get decoders() {
      return decoders;
    },
    note(what) {
      balance += what === 'starved' ? 1 : -1;
      const atMs = now();
      if (atMs - startedMs < windowMs) return false;
      const next = Math.max(1, Math.min(most, decoders + Math.sign(balance)));
      const changed = next !== decoders;
      decoders = next;
      balance = 0;
      startedMs = atMs;
      return changed;
    },
  };
}
