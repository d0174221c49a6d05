/** @file Pictures of noise for trials: the same ones every time, whatever the batch. */
import type { TrialRequest } from './trial-protocol.ts';

/** Any; fixed, so that results can be compared between processes and machines. */
const seed = 0x5eed;

/**
 * @param rowLength  numbers of one picture
 * @returns          `rows` pictures one after the other; row r depends on r alone
 */
export function noise(rows: number, rowLength: number, values: TrialRequest['values']): Float32Array | Uint8Array {
  const data = values === 'bytes' ? new Uint8Array(rows * rowLength) : new Float32Array(rows * rowLength);
  for (let row = 0; row < rows; row++) {
    const random = randomBytes(seed + row);
    for (let at = row * rowLength; at < (row + 1) * rowLength; at++) {
      const byte = random();
      // About the ImageNet mean and deviation of all channels together.
      data[at] = values === 'bytes' ? byte : values === 'unit' ? byte / 255 : (byte / 255 - 0.45) / 0.225;
    }
  }
  return data;
}

/** A linear congruential generator; its upper byte is random enough for noise. Constants: Numerical Recipes, `ranqd1`. */
function randomBytes(start: number): () => number {
  // Neighbouring starts would give similar first numbers.
  let state = Math.imul(start, 0x9e3779b1) >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  };
}
