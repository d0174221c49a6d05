/**
 * @file Names that are given out only once each, a million of them in some 20 MB.
 *
 * A name is remembered by 64 bits of it. Two names that share them, once in some millions of exports of a million
 * pictures, cost one of them a needless -2; none is ever given twice.
 */
import { numberList } from './number-list.ts';

/** Gives a name, or the next free one with -2, -3, … before its extension. */
export type Unique = (path: string) => string;

/** Gives each name only once. */
export function takenNames(): Unique {
  const copyOf = nameCopies();
  return (path) => withCopy(path, copyOf(path));
}

export interface RepeatableNames {
  /** Another set of names for the first pass. */
  first: () => Unique;
  /** Begins another pass: what it returns gives the same names as `first`, asked in the same order. */
  again: () => () => Unique;
}

/** Names that are the same in every pass; passes after the first need not know which are taken. */
export function repeatableNames(): RepeatableNames {
  const copies = numberList();
  return {
    first() {
      const copyOf = nameCopies();
      return (path) => {
        const copy = copyOf(path);
        copies.push(copy);
        return withCopy(path, copy);
      };
    },
    again() {
      let place = 0;
      const unique: Unique = (path) => withCopy(path, copies.at(place++));
      return () => unique;
    },
  };
}

function withCopy(path: string, copy: number): string {
  if (copy === 0) return path;
  const [, stem, extension] = /^(.*?)(\.[^./]*)?$/s.exec(path)!;
  return `${stem}-${copy}${extension ?? ''}`;
}

/** @returns  gives the number of the copy a name has to be, which is then taken; 0 for a name that was free */
function nameCopies(): (path: string) => number {
  const next = copyTable();
  // Compared as file systems of Windows and macOS would: without case, in one Unicode form.
  const key = (path: string) => path.normalize('NFC').toLowerCase();
  return (path) => {
    const wanted = key(path);
    let copy = next.get(wanted);
    if (copy === 0) {
      next.set(wanted, firstCopy);
      return 0;
    }
    while (next.get(key(withCopy(path, copy))) > 0) copy++;
    next.set(wanted, copy + 1);
    next.set(key(withCopy(path, copy)), firstCopy);
    return copy;
  };
}

const firstCopy = 2;
/** Parts of the table, each growing by itself: no pause to grow is long, and memory never doubles at once. */
const partCount = 256;
const firstSlots = 16;
/** Two words of a fingerprint and the next copy, 0 in a free slot. */
const slotWords = 3;

/** The next copy of each name, at least 2; 0: not taken yet. Open addressing with linear probing. */
function copyTable() {
  const parts = Array.from({ length: partCount }, () => ({ slots: new Uint32Array(firstSlots * slotWords), used: 0 }));
  let high = 0;
  let low = 0;

  /** Two multiplicative hashes of UTF-16 units, each finished as in MurmurHash3 (Austin Appleby, public domain). */
  function fingerprint(name: string): void {
    let one = 0x9e3779b9;
    let other = 0x85ebca6b;
    for (let at = 0; at < name.length; at++) {
      const unit = name.charCodeAt(at);
      one = Math.imul(one ^ unit, 0x01000193);
      other = Math.imul(other ^ unit, 0x5bd1e995);
      other ^= other >>> 15;
    }
    high = finished(one);
    low = finished(other ^ name.length);
  }

  function slotIn(slots: Uint32Array): number {
    const count = slots.length / slotWords;
    // The lowest bits have chosen the part already.
    let slot = (high >>> 8) & (count - 1);
    for (;;) {
      const at = slot * slotWords;
      if (slots[at + 2] === 0 || (slots[at] === high && slots[at + 1] === low)) return at;
      slot = (slot + 1) & (count - 1);
    }
  }

  function grown(old: Uint32Array) {
    const slots = new Uint32Array(old.length * 2);
    for (let at = 0; at < old.length; at += slotWords) {
      if (old[at + 2] === 0) continue;
      high = old[at]!;
      low = old[at + 1]!;
      slots.set(old.subarray(at, at + slotWords), slotIn(slots));
    }
    return slots;
  }

  return {
    get(name: string): number {
      fingerprint(name);
      const { slots } = parts[high & (partCount - 1)]!;
      return slots[slotIn(slots) + 2]!;
    },
    set(name: string, copy: number): void {
      fingerprint(name);
      const part = parts[high & (partCount - 1)]!;
      const at = slotIn(part.slots);
      if (part.slots[at + 2] === 0) {
        part.slots[at] = high;
        part.slots[at + 1] = low;
        part.used++;
      }
      part.slots[at + 2] = copy;
      // Three quarters full, probing is still short.
      if (part.used * slotWords * 4 > part.slots.length * 3) part.slots = grown(part.slots);
    },
  };
}

function finished(hash: number): number {
  let mixed = hash;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
