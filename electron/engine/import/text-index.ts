/** @file Which numbers go with a text, for a million of them in eight bytes each. */

export interface TextIndex {
  /** Ids that may have the text: all that have it, and rarely one that has not. */
  candidates(text: string): number[];
}

/** @param entries  ids are whole numbers below 2^31 */
export function textIndex(entries: Iterable<readonly [id: number, text: string]>): TextIndex {
  // The hash above, the id below: sorted as one number, ids of one hash stand together.
  let keys = new Float64Array(1024);
  let count = 0;
  for (const [id, text] of entries) {
    if (count === keys.length) {
      const larger = new Float64Array(count * 2);
      larger.set(keys);
      keys = larger;
    }
    keys[count++] = hash(text) * 2 ** 31 + id;
  }
  const sorted = keys.subarray(0, count).sort();

  return {
    candidates(text) {
      const from = hash(text) * 2 ** 31;
      const found: number[] = [];
      for (let place = lowerBound(sorted, from); place < count && sorted[place]! < from + 2 ** 31; place++) {
        found.push(sorted[place]! - from);
      }
      return found;
    },
  };
}

/** 22 bits, so that hash and id together stay exact in a double. FNV-1a (Fowler, Noll, Vo 1991), folded. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let place = 0; place < text.length; place++) {
    value ^= text.charCodeAt(place);
    value = Math.imul(value, 0x01000193);
  }
  return ((value >>> 10) ^ value) & 0x3f_ffff;
}

function lowerBound(sorted: Float64Array, key: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
