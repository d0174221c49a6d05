/** @file How often something may be restarted before we give up. */

export class RestartBudget {
  readonly #limit: number;
  readonly #windowMs: number;
  #restartsMs: number[] = [];

  /** At most `limit` restarts in any `windowMs`. */
  constructor(limit: number, windowMs: number) {
    this.#limit = limit;
    this.#windowMs = windowMs;
  }

  /**
   * Take one restart.
   *
   * @param nowMs  monotonic, so that a clock set back changes nothing
   * @returns      how many were taken in the window before, 0-based, or null when none is left
   */
  take(nowMs: number): number | null {
    this.#restartsMs = this.#restartsMs.filter((takenMs) => nowMs - takenMs < this.#windowMs);
    if (this.#restartsMs.length >= this.#limit) return null;
    return this.#restartsMs.push(nowMs) - 1;
  }
}
