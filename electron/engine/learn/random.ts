/** @file Numbers that look random and are the same for the same seed, so that results can be had again. */

/**
 * @param seed  any integer; of others the lower 32 bits count
 * @returns     uniform in [0, 1)
 *
 * Source of the constants: Steele, Lea, Flood 2014, Fast splittable pseudorandom number generators (a Weyl sequence,
 * its terms mixed), with the odd multipliers of the finalizer of MurmurHash3 (Appleby), 32 bits.
 */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
}

/**
 * The same for the same picture, and as if by chance among others: who takes those below a limit takes the same ones
 * again when a picture more comes in.
 *
 * @returns in [0, 1)
 */
export function chanceOf(imageId: number): number {
  // Multiplicative hashing with 2³² over the golden ratio (Knuth, The art of computer programming 3, 6.4).
  return (Math.imul(imageId, 2_654_435_761) >>> 0) / 2 ** 32;
}

/** In place, each order as likely as any other (Fisher and Yates). */
export function shuffle(values: Int32Array, random: () => number): Int32Array {
  for (let last = values.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const value = values[last]!;
    values[last] = values[other]!;
    values[other] = value;
  }
  return values;
}
