/** @file A long list of whole numbers in four bytes each, that grows without being copied. */

export interface NumberList {
  readonly length: number;
  /** @param value  in [0, 2^32) */
  push(value: number): void;
  /** @param place  below `length` */
  at(place: number): number;
  set(place: number, value: number): void;
}

const chunkBits = 14;
const chunkLength = 1 << chunkBits;

export function numberList(): NumberList {
  const chunks: Uint32Array[] = [];
  let length = 0;
  return {
    get length() {
      return length;
    },
    push(value) {
      if (length === chunks.length * chunkLength) chunks.push(new Uint32Array(chunkLength));
      chunks[length >>> chunkBits]![length & (chunkLength - 1)] = value;
      length++;
    },
    at: (place) => chunks[place >>> chunkBits]![place & (chunkLength - 1)]!,
    set(place, value) {
      chunks[place >>> chunkBits]![place & (chunkLength - 1)] = value;
    },
  };
}
