/** @file How much of making an integer form is done, and how long the rest will take. */
import type { OptimizeStep } from './optimize-protocol.ts';

/**
 * What one photo costs in each stage, in units of one float inference: reading is decoding; calibrating also copies and
 * counts what flows through the graph; choosing runs a few candidates; timing takes the same for every model.
 */
const cost: Record<OptimizeStep['stage'], number> = {
  reading: 0.5,
  calibrating: 3,
  choosing: 3,
  checking: 1.6,
  timing: 5,
};
/** Before that share is done a forecast would be a guess. */
const leastShare = 0.03;

export class OptimizeClock {
  readonly #totals: Record<OptimizeStep['stage'], number>;
  readonly #done: Record<OptimizeStep['stage'], number>;
  readonly #startedMs = performance.now();
  readonly #tell: (step: OptimizeStep) => void;

  /** @param totals  photos (rounds of timing) of each stage */
  constructor(totals: Record<OptimizeStep['stage'], number>, tell: (step: OptimizeStep) => void) {
    this.#totals = { ...totals };
    this.#done = { reading: 0, calibrating: 0, choosing: 0, checking: 0, timing: 0 };
    this.#tell = tell;
  }

  /** What a stage turned out to take. */
  expect(stage: OptimizeStep['stage'], total: number): void {
    this.#totals[stage] = total;
  }

  advance(stage: OptimizeStep['stage'], done: number): void {
    const total = Math.max(this.#totals[stage], done);
    this.#totals[stage] = total;
    this.#done[stage] = done;
    this.#tell({ stage, done, total, secondsLeft: this.#secondsLeft() });
  }

  #secondsLeft(): number | null {
    const sum = (counts: Record<OptimizeStep['stage'], number>) =>
      (Object.keys(cost) as OptimizeStep['stage'][]).reduce((all, stage) => all + counts[stage] * cost[stage], 0);
    const share = sum(this.#done) / Math.max(1, sum(this.#totals));
    if (share < leastShare) return null;
    const elapsed = (performance.now() - this.#startedMs) / 1000;
    return Math.max(0, (elapsed / share) * (1 - share));
  }
}
