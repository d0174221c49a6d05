/** @file Weights of any architecture from a seed: for tests, and for measuring speed without a download. */
import { elementCount, type LazyTensor } from '#core/tensor.ts';
import type { Architecture } from './architecture.ts';
import { expectedTensors } from './tensor-names.ts';

/**
 * Uniform numbers around the sizes that training starts from, so that activations stay near one at any depth. A tensor
 * is made anew each time its bytes are asked for; the same seed gives the same numbers in any order of asking.
 *
 * @returns by canonical name, float32
 */
export function randomTensors(architecture: Architecture, seed: number): Map<string, LazyTensor> {
  const result = new Map<string, LazyTensor>();
  for (const [index, [name, { shape }]] of [...expectedTensors(architecture)].entries()) {
    const [low, high] = rangeOf(name, shape);
    result.set(name, {
      type: 'float32',
      shape,
      bytes: () => new Uint8Array(uniform(elementCount(shape), low, high, mixed(seed, index)).buffer),
    });
  }
  return result;
}

/** Source of the weights' range: He et al., arXiv 1502.01852: variance 2 / fan-in, thus ± √(6 / fan-in) when uniform. */
function rangeOf(name: string, shape: readonly number[]): [number, number] {
  if (shape.length > 1) {
    const bound = Math.sqrt(6 / elementCount(shape.slice(1)));
    return shape.length > 2 ? [-bound, bound] : [-bound / 4, bound / 4];
  }
  if (name.endsWith('.running_var')) return [0.6, 1.4];
  // Each block adds to the sum of all before it: small steps keep fifty of them near one.
  if (name.endsWith('.bn3.weight')) return [0.05, 0.15];
  return name.endsWith('.weight') ? [0.6, 1.4] : [-0.2, 0.2];
}

/** Source: Marsaglia, Xorshift RNGs (2003), the triple 13, 17, 5. */
function uniform(count: number, low: number, high: number, seed: number): Float32Array {
  const values = new Float32Array(count);
  const step = (high - low) / 2 ** 32;
  let state = seed;
  for (let index = 0; index < count; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    values[index] = low + (state >>> 0) * step;
  }
  return values;
}

/** Neighbouring seeds and tensors start far from each other. @returns not 0, where xorshift would stay */
function mixed(seed: number, index: number): number {
  let state = Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 16), 0x7feb352d);
  state = Math.imul(state ^ (state >>> 15), 0x846ca68b);
  return state ^ (state >>> 16) || 1;
}
