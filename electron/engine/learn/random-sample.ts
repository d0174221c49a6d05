/** @file A sample drawn at random, for an honest estimate: the same pictures every time, whatever comes in later. */
import { wilson } from '#core/interval.ts';
import type { ReviewState } from '#core/image.ts';
import type { SampleEstimate } from '#core/learn.ts';

/**
 * By a number made of each id, so that pictures that come in later take their place among the others, which stay in order.
 *
 * @param seed  32 bits; another one draws another sample
 */
export function sampleOrder(imageIds: Int32Array, seed: number): Int32Array {
  const places = new Map(Array.from(imageIds, (id) => [id, place(id, seed)]));
  return imageIds.toSorted((a, b) => places.get(a)! - places.get(b)! || a - b);
}

/** Mixing of MurmurHash3 (Appleby), 32 bits: neighbouring ids go far apart. */
function place(id: number, seed: number): number {
  let mixed = (id ^ Math.imul(seed, 0x9e3779b1)) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/**
 * How often predictions were right, over the beginning of the sample that is reviewed without a gap: a person who stops
 * anywhere has still seen pictures drawn at random. Those they skipped or were unsure about say nothing.
 *
 * @param states  of the pictures in the order of the sample
 */
export function estimate(states: Iterable<ReviewState>): SampleEstimate {
  let reviewed = 0;
  let correct = 0;
  for (const state of states) {
    if (state === 'unreviewed') break;
    if (state === 'accepted') correct++;
    if (state === 'accepted' || state === 'corrected') reviewed++;
  }
  return { reviewed, correct, accuracy: reviewed > 0 ? wilson(correct, reviewed) : null };
}
