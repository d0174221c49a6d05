/** @file Pictures per second and time left from a moving window. */

/** Long enough to smooth batches, short enough to follow large pictures after small ones. */
const windowMs = 10_000;

export interface Rate {
  /** @param done  pictures finished so far */
  add(done: number): void;
  /** Pictures per second; null until there is something to measure. */
  perSecond(): number | null;
  /** Forget the past, after a pause. */
  reset(): void;
}

/** @param now  a monotonic clock, milliseconds */
export function openRate(now: () => number = () => performance.now()): Rate {
  let samples: { at: number; done: number }[] = [];
  return {
    add(done) {
      const at = now();
      samples.push({ at, done });
      const kept = samples.findIndex((sample) => at - sample.at <= windowMs);
      // One sample before the window stays, so that slow batches still have something to be compared with.
      samples = samples.slice(Math.max(0, kept - 1));
    },
    perSecond() {
      const first = samples[0];
      const last = samples.at(-1);
      if (!first || !last || last.done <= first.done || last.at <= first.at) return null;
      return ((last.done - first.done) * 1000) / (last.at - first.at);
    },
    reset() {
      samples = [];
    },
  };
}
