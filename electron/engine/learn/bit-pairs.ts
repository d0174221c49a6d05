/**
 * @file Pairs of rows whose 64 bits mostly agree, without a look at each pair.
 *
 * Compared are only rows with a 16-bit part in common but for one bit: of bits that differ in at most seven places one
 * of the four parts differs in at most one (pigeonhole), and so it is for most that differ in a few more.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';

export const parts = 4;
export const bitsOfPart = 16;
/** No bit of a part, or one of them. */
const masks = [0, ...Array.from({ length: bitsOfPart }, (_, bit) => 1 << bit)];
/** Rows with one part in common beyond these are not compared: all of them would be, if all were alike. */
const partLimit = 400;
/** Rows between two looks at the clock, and how long one stretch may be before other questions have their turn. */
const rowsPerLook = 256;
const stretchMs = 50;

interface PairSearch {
  /** Bits that may differ, 0 to 64. */
  mostDifferent: number;
  /** @param first  the smaller one */
  found: (first: number, second: number) => void;
  /** Called some times a second. @throws to end the search */
  turned: () => void;
}

/** @param bits  shape [4, N] */
export async function pairsByBits(bits: Uint16Array, { mostDifferent, found, turned }: PairSearch): Promise<void> {
  const count = bits.length / parts;
  let turnMs = performance.now();
  for (let part = 0; part < parts; part++) {
    const own = bits.subarray(part * count, (part + 1) * count);
    const { starts, members } = byPart(own);
    for (let first = 0; first < count; first++) {
      for (const mask of masks) {
        const other = own[first]! ^ mask;
        const end = Math.min(starts[other + 1]!, starts[other]! + partLimit);
        for (let at = starts[other]!; at < end; at++) {
          const second = members[at]!;
          if (second > first && differentBits(bits, first, second) <= mostDifferent) found(first, second);
        }
      }
      if (first % rowsPerLook === 0 && performance.now() - turnMs > stretchMs) {
        await nextTurn();
        turned();
        turnMs = performance.now();
      }
    }
  }
}

/** @param bits  shape [4, N]; @returns how many of the 64 bits of two rows differ */
export function differentBits(bits: Uint16Array, a: number, b: number): number {
  const count = bits.length / parts;
  let different = 0;
  for (let from = 0; from < bits.length; from += count) {
    // Bits of pairs, then of fours, eights and all sixteen are added up side by side.
    let left = bits[from + a]! ^ bits[from + b]!;
    left -= (left >>> 1) & 0x5555;
    left = (left & 0x3333) + ((left >>> 2) & 0x3333);
    left = (left + (left >>> 4)) & 0x0f0f;
    different += (left + (left >>> 8)) & 0x1f;
  }
  return different;
}

/** Rows by one of their four parts: those of part `p` are members `starts[p]` to `starts[p + 1]`. */
function byPart(own: Uint16Array) {
  const starts = new Int32Array(2 ** bitsOfPart + 1);
  for (const part of own) starts[part + 1]!++;
  for (let part = 0; part < 2 ** bitsOfPart; part++) starts[part + 1]! += starts[part]!;
  const next = starts.slice();
  const members = new Int32Array(own.length);
  own.forEach((part, row) => (members[next[part]!++] = row));
  return { starts, members };
}
