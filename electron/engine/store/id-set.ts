/** @file A set of row ids as one bit for each: 125 KB for a million. */

export interface IdSet extends Iterable<number> {
  add(ids: readonly number[]): void;
  has(id: number): boolean;
  intersect(other: IdSet): void;
  subtract(other: IdSet): void;
  count(): number;
  /** Bit `id % 32` of word `id / 32`. */
  readonly words: Uint32Array;
}

/** @param lastId  the largest id it can hold */
export function idSet(lastId: number): IdSet {
  const words = new Uint32Array((lastId >>> 5) + 1);
  return {
    words,
    add(ids) {
      for (const id of ids) words[id >>> 5]! |= 1 << (id & 31);
    },
    has: (id) => (words[id >>> 5]! & (1 << (id & 31))) !== 0,
    intersect(other) {
      for (let at = 0; at < words.length; at++) words[at]! &= other.words[at]!;
    },
    subtract(other) {
      for (let at = 0; at < words.length; at++) words[at]! &= ~other.words[at]!;
    },
    count() {
      let count = 0;
      for (let rest of words) for (; rest !== 0; rest = (rest & (rest - 1)) >>> 0) count++;
      return count;
    },
    *[Symbol.iterator]() {
      for (const [at, word] of words.entries()) {
        for (let rest = word; rest !== 0; rest = (rest & (rest - 1)) >>> 0) {
          yield at * 32 + (31 - Math.clz32(rest & -rest));
        }
      }
    },
  };
}
