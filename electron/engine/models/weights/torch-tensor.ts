/** @file A PyTorch tensor: a view, by strides, of numbers that lie in a file. */
import { elementCount, elementSizes, type ElementType, type LazyTensor } from '#core/tensor.ts';
import { AppError } from '#core/errors.ts';

/** Numbers of one type in a row. */
export interface TorchStorage {
  type: ElementType;
  /** Elements. */
  count: number;
  /** Of the whole file: nothing in it can need more memory. */
  fileBytes: number;
  /** Both in bytes, from the storage's beginning. @throws {AppError} 'model.corrupt' */
  read(offset: number, length: number): Uint8Array;
}

/** Those of a network have at most five. */
const maxDimensions = 64;

export class TorchTensor implements LazyTensor {
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly #storage: TorchStorage;
  /** In elements, like the strides. */
  readonly #offset: number;
  readonly #strides: readonly number[];

  /**
   * @param offset   elements
   * @param strides  elements from one index to the next, for each dimension
   * @throws {AppError} 'model.corrupt' if the view reaches beyond its storage
   */
  constructor(storage: TorchStorage, offset: unknown, shape: unknown, strides: unknown, type = storage.type) {
    const sizes = naturalNumbers(shape);
    const steps = naturalNumbers(strides);
    const [start] = naturalNumbers([offset]);
    if (sizes.length !== steps.length || start === undefined) throw corrupt('has a shape that cannot be');
    this.type = type;
    this.shape = sizes;
    this.#storage = storage;
    this.#offset = start;
    this.#strides = steps;

    const elementBytes = elementSizes[type];
    const storageBytes = storage.count * elementSizes[storage.type];
    // A step of zero repeats numbers, so that a small storage could claim to fill all memory.
    // Negated, because sizes beyond all numbers give NaN.
    if (!(elementCount(sizes) * elementBytes <= storage.fileBytes)) throw corrupt('is larger than the file');
    if (elementCount(sizes) > 0 && (start + this.#reach() + 1) * elementBytes > storageBytes) {
      throw corrupt('reaches beyond its numbers');
    }
  }

  bytes(): Uint8Array {
    const count = elementCount(this.shape);
    const elementBytes = elementSizes[this.type];
    if (count === 0) return new Uint8Array(0);
    const isContiguous = this.#isContiguous();
    const reach = isContiguous ? count - 1 : this.#reach();
    const span = this.#storage.read(this.#offset * elementBytes, (reach + 1) * elementBytes);
    return isContiguous ? span : gather(span, elementBytes, this.shape, this.#strides);
  }

  /** Elements between the first and the last of the view. */
  #reach(): number {
    return this.shape.reduce((reach, size, dimension) => reach + (size - 1) * this.#strides[dimension]!, 0);
  }

  #isContiguous(): boolean {
    let expected = 1;
    for (let dimension = this.shape.length - 1; dimension >= 0; dimension--) {
      const size = this.shape[dimension]!;
      if (size !== 1 && this.#strides[dimension] !== expected) return false;
      expected *= size;
    }
    return true;
  }
}

/** @returns the elements row by row */
function gather(span: Uint8Array, elementBytes: number, shape: readonly number[], strides: readonly number[]) {
  const from = words(span, elementBytes);
  const result = new Uint8Array(elementCount(shape) * elementBytes);
  const to = words(result, elementBytes);
  const last = shape.length - 1;
  const index = new Array<number>(shape.length).fill(0);
  let start = 0;

  for (let filled = 0; filled < to.length;) {
    for (let column = 0; column < shape[last]!; column++) to[filled++] = from[start + column * strides[last]!]!;
    for (let dimension = last - 1; dimension >= 0; dimension--) {
      start += strides[dimension]!;
      if (++index[dimension]! < shape[dimension]!) break;
      start -= shape[dimension]! * strides[dimension]!;
      index[dimension] = 0;
    }
  }
  return result;
}

/** As integers, so that every bit pattern survives. */
function words(bytes: Uint8Array, elementBytes: number) {
  const { buffer, byteOffset, byteLength } = bytes;
  if (elementBytes === 1) return bytes as Words;
  if (elementBytes === 2) return new Uint16Array(buffer, byteOffset, byteLength / 2) as Words;
  if (elementBytes === 4) return new Uint32Array(buffer, byteOffset, byteLength / 4) as Words;
  return new BigUint64Array(buffer, byteOffset, byteLength / 8) as unknown as Words;
}

/** What {@link gather} needs of any typed array: the elements of two of the same kind are exchanged, never looked at. */
interface Words {
  readonly length: number;
  [index: number]: number;
}

function naturalNumbers(value: unknown): number[] {
  if (!Array.isArray(value) || value.length > maxDimensions) throw corrupt('has a shape that cannot be');
  return value.map((item: unknown) => {
    if (!Number.isSafeInteger(item) || (item as number) < 0) throw corrupt('has a shape that cannot be');
    return item as number;
  });
}

function corrupt(what: string): AppError {
  return new AppError('model.corrupt', `A tensor in the file ${what}`);
}
