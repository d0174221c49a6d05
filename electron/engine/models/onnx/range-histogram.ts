/** @file Where the values of one tensor lie, counted as they come. */
import type { Range } from './quantize.ts';

/** Half of them on either side of nought. Of ranges cut at 1 in 10,000, a bin is some thousandth. */
const binCount = 8192;
const half = binCount / 2;
/** Ranges that are tried between all and nothing. */
const cutCount = 100;

/**
 * Counts values in bins of equal width around nought. When a value lies beyond them, neighbouring bins join until it does
 * not, so the memory stays the same however many values come and however they grow.
 */
export class RangeHistogram {
  readonly #counts = new Float64Array(binCount);
  /** The bins reach from −limit to limit. A power of two, so that joined bins have the edges that they would have had. */
  #limit = 0;
  #total = 0;
  #min = Infinity;
  #max = -Infinity;

  /** @returns false, with nothing counted, if a value is not finite */
  add(values: Float32Array): boolean {
    let min = Infinity;
    let max = -Infinity;
    let sum = 0;
    for (let index = 0; index < values.length; index++) {
      const value = values[index]!;
      if (value < min) min = value;
      if (value > max) max = value;
      // What is not a number passes both comparisons; nought times it does not stay nought.
      sum += value * 0;
    }
    if (sum !== 0) return false;
    if (values.length === 0) return true;
    this.#min = Math.min(this.#min, min);
    this.#max = Math.max(this.#max, max);
    this.#reach(Math.max(-min, max));
    const counts = this.#counts;
    const perUnit = this.#limit === 0 ? 0 : half / this.#limit;
    for (let index = 0; index < values.length; index++) {
      const bin = Math.floor(values[index]! * perUnit) + half;
      const inside = bin < binCount ? bin : binCount - 1;
      counts[inside] = counts[inside]! + 1;
    }
    this.#total += values.length;
    return true;
  }

  /** @returns null if nothing was counted */
  minMax(): Range | null {
    return this.#total === 0 ? null : [this.#min, this.#max];
  }

  /**
   * @param share  of the values that is at most `max`, and likewise at least `min`; exact to a bin, and never beyond
   *   what was met
   * @returns null if nothing was counted
   */
  percentile(share: number): Range | null {
    if (this.#total === 0) return null;
    const beyond = this.#total * (1 - share);
    const width = this.#limit / half;
    let above = 0;
    let upper = binCount - 1;
    for (; upper > 0 && above + this.#counts[upper]! <= beyond; upper--) above += this.#counts[upper]!;
    let below = 0;
    let lower = 0;
    for (; lower < upper && below + this.#counts[lower]! <= beyond; lower++) below += this.#counts[lower]!;
    const min = Math.max(this.#min, (lower - half) * width);
    const max = Math.min(this.#max, (upper + 1 - half) * width);
    return [min, max];
  }

  /**
   * The range within which bytes come closest to the values, by the sum of squares: a narrower one has finer steps but
   * cuts more.
   *
   * @returns null if nothing was counted
   */
  leastError(): Range | null {
    let best = this.minMax();
    if (!best) return null;
    const [min, max] = [Math.min(0, best[0]), Math.max(0, best[1])];
    let bestError = this.#error(min, max);
    for (let cut = 1; cut < cutCount; cut++) {
      const share = 1 - cut / cutCount;
      const range: Range = [min * share, max * share];
      const error = this.#error(...range);
      if (error >= bestError) continue;
      best = range;
      bestError = error;
    }
    return best;
  }

  /** Sum of squared differences between values, taken to lie in the middle of their bins, and the bytes for them. */
  #error(min: number, max: number): number {
    const width = this.#limit / half;
    const step = (max - min) / 255;
    // Rounding errors spread evenly over a step: a twelfth of its square on average.
    const rounding = step ** 2 / 12;
    let error = 0;
    for (let bin = 0; bin < binCount; bin++) {
      const count = this.#counts[bin]!;
      if (count === 0) continue;
      const value = (bin - half + 0.5) * width;
      const beyond = Math.max(min - value, value - max, 0);
      // Nought has a byte of its own, and a Relu leaves many of it.
      error += count * (beyond > 0 ? beyond ** 2 : Math.abs(value) < width ? 0 : rounding);
    }
    return error;
  }

  #reach(size: number): void {
    if (size <= this.#limit) return;
    if (this.#limit === 0) {
      // All that came before was nought, whose bin is the first above the middle at any width.
      this.#limit = 2 ** Math.ceil(Math.log2(size));
      return;
    }
    while (this.#limit < size) {
      this.#join();
      this.#limit *= 2;
    }
  }

  #join(): void {
    const counts = this.#counts;
    const joined = new Float64Array(binCount);
    for (let bin = 0; bin < binCount; bin++) {
      const to = Math.floor((bin - half) / 2) + half;
      joined[to] = joined[to]! + counts[bin]!;
    }
    counts.set(joined);
  }
}
