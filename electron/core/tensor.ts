/** @file A named array of numbers whose bytes stay where they are until asked for. */
import { AppError } from './errors.ts';

export const elementSizes = {
  float64: 8,
  float32: 4,
  float16: 2,
  bfloat16: 2,
  int64: 8,
  int32: 4,
  int16: 2,
  int8: 1,
  uint8: 1,
  bool: 1,
} as const;

export type ElementType = keyof typeof elementSizes;

export interface LazyTensor {
  type: ElementType;
  /** Row-major; [] is a scalar. */
  shape: readonly number[];
  /**
   * The little-endian bytes, read now: exactly `elementCount(shape) * elementSizes[type]` of them.
   *
   * @throws {AppError} 'model.corrupt' if the file ends before or changed
   */
  bytes(): Uint8Array;
}

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((count, size) => count * size, 1);
}

/**
 * A tensor of bytes that are in memory already.
 *
 * @param values  as long as `shape` says
 */
export function tensorOf(values: Float32Array, shape: readonly number[]): LazyTensor {
  return {
    type: 'float32',
    shape,
    bytes: () => new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  };
}

/**
 * The values as float32; halves are widened exactly, doubles rounded.
 *
 * @throws {AppError} 'model.invalid' for integer types, 'model.corrupt' as `bytes()`
 */
export function readFloats(tensor: LazyTensor): Float32Array {
  const count = elementCount(tensor.shape);
  const bytes = tensor.bytes();
  if (bytes.length !== count * elementSizes[tensor.type]) {
    throw new AppError('model.corrupt', `A tensor has ${bytes.length} bytes instead of those of its shape`);
  }
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  const { buffer, byteOffset } = aligned;
  switch (tensor.type) {
    case 'float32':
      return new Float32Array(buffer, byteOffset, count);
    case 'float64':
      return new Float32Array(new Float64Array(buffer, byteOffset, count));
    case 'float16':
      return widenHalves(new Uint16Array(buffer, byteOffset, count));
    case 'bfloat16':
      return widenBfloat(new Uint16Array(buffer, byteOffset, count));
    default:
      throw new AppError('model.invalid', `A tensor of ${tensor.type} stands where weights are expected`);
  }
}

/** Every half there is, once widened: looking up is twenty times faster than computing, and files have 10^8 of them. */
let halfValues: Float32Array | null = null;

function widenHalves(halves: Uint16Array): Float32Array {
  halfValues ??= Float32Array.from({ length: 2 ** 16 }, (_, bits) => widenHalf(bits));
  const values = new Float32Array(halves.length);
  for (let index = 0; index < halves.length; index++) values[index] = halfValues[halves[index]!]!;
  return values;
}

/** Source: IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. */
function widenHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** A bfloat16 is the upper half of a float32. */
function widenBfloat(halves: Uint16Array): Float32Array {
  const words = new Uint32Array(halves.length);
  for (let index = 0; index < halves.length; index++) words[index] = halves[index]! << 16;
  return new Float32Array(words.buffer);
}
