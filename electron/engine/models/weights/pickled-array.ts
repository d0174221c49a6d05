/** @file numpy's arrays in a pickle: where their bytes lie, in which order, and as what. */
import { AppError } from '#core/errors.ts';
import { elementCount, elementSizes, type ElementType, type LazyTensor } from '#core/tensor.ts';
import type { ByteSource } from './byte-source.ts';
import { PickledObject, type LongBytes, type PickleFunction } from './pickle.ts';

/** numpy's type codes; Paddle hands out bfloat16 as unsigned integers of two bytes, which weights never are. */
const elementTypes: Readonly<Record<string, ElementType>> = {
  f8: 'float64',
  f4: 'float32',
  f2: 'float16',
  u2: 'bfloat16',
  i8: 'int64',
  i4: 'int32',
  i2: 'int16',
  i1: 'int8',
  u1: 'uint8',
  b1: 'bool',
};
/** Source: numpy 2, NPY_MAXDIMS. */
const maxRank = 64;

/** Bytes left in the file; `isText`: as the UTF-8 of characters below 256, which is how protocol 2 writes bytes. */
class StoredBytes {
  readonly range: LongBytes;

  constructor(range: LongBytes) {
    this.range = range;
  }
}

class PickledType extends PickledObject {
  readonly code: string;

  constructor(code: unknown) {
    super();
    this.code = typeof code === 'string' ? code.slice(0, 100) : '?';
  }

  /** Source: numpy, dtype.__reduce__: version, byte order, and what plain numbers have not. */
  override setState(state: unknown): void {
    if (Array.isArray(state) && state[1] === '>') {
      throw new AppError('model.unsupported', 'The file was written by a big-endian computer');
    }
  }
}

export class PickledArray extends PickledObject {
  #state: unknown[] = [];

  /** Source: numpy, ndarray.__reduce__: version, shape, type, whether columns come first, bytes. */
  override setState(state: unknown): void {
    if (!Array.isArray(state) || state.length !== 5) throw corrupt('one has no size');
    this.#state = state;
  }

  /** @throws {AppError} 'model.corrupt' if bytes and shape do not fit, 'model.unsupported' for other element types */
  tensor(name: string, source: ByteSource): LazyTensor {
    const [, sizes, type, isFortran, bytes] = this.#state;
    if (!(type instanceof PickledType) || !isShape(sizes)) throw corrupt(`"${name}" has no size`);
    const element = Object.hasOwn(elementTypes, type.code) ? elementTypes[type.code]! : null;
    if (!element)
      throw new AppError('model.unsupported', `The array "${name}" holds "${type.code}", which are no numbers`);
    const length = elementCount(sizes) * elementSizes[element];
    const read = reader(bytes, length, source, name);
    const turns = isFortran === true && sizes.length > 1;
    return { type: element, shape: sizes, bytes: turns ? () => rowMajor(read(), sizes, elementSizes[element]) : read };
  }
}

/** What a file of numpy arrays calls, by numpy's own names old and new. */
export const arrayGlobals: Readonly<Record<string, PickleFunction>> = {
  'numpy.core.multiarray _reconstruct': () => new PickledArray(),
  'numpy._core.multiarray _reconstruct': () => new PickledArray(),
  // Only ever handed on to the two above.
  'numpy ndarray': () => new PickledArray(),
  'numpy dtype': ([code]) => new PickledType(code),
  // Single numbers say nothing about weights.
  'numpy.core.multiarray scalar': () => null,
  'numpy._core.multiarray scalar': () => null,
  '_codecs encode': ([value]) => encode(value),
  '__builtin__ bytes': () => new Uint8Array(0),
  'builtins bytes': () => new Uint8Array(0),
};

export function keepInFile(range: LongBytes): unknown {
  return new StoredBytes(range);
}

/** Bytes as protocol 2 has them: a text whose characters are the bytes. */
function encode(value: unknown): unknown {
  if (value instanceof StoredBytes && value.range.isText) return value;
  if (typeof value !== 'string') throw corrupt('one is encoded from what is no text');
  return Uint8Array.from(Buffer.from(value, 'latin1'));
}

function isShape(value: unknown): value is number[] {
  if (!Array.isArray(value) || value.length > maxRank) return false;
  const sizes: unknown[] = value;
  return (
    sizes.every((size) => Number.isSafeInteger(size) && (size as number) >= 0) &&
    Number.isSafeInteger(elementCount(sizes as number[]) * 8)
  );
}

function reader(bytes: unknown, length: number, source: ByteSource, name: string): () => Uint8Array {
  if (bytes instanceof StoredBytes) {
    const { position, length: stored, isText } = bytes.range;
    // A byte takes one or two as UTF-8.
    if (isText ? stored < length || stored > 2 * length : stored !== length) throw wrongLength(name);
    return () => {
      const read = source.read(position, stored);
      return isText ? latin(read, length, name) : read;
    };
  }
  // Python 2 wrote bytes as strings.
  const held = typeof bytes === 'string' ? Uint8Array.from(Buffer.from(bytes, 'latin1')) : bytes;
  if (!(held instanceof Uint8Array) || held.length !== length) throw wrongLength(name);
  return () => held;
}

/** @returns the characters of UTF-8 text, all below 256, as bytes */
function latin(text: Uint8Array, length: number, name: string): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (let index = 0; index < length; index++) {
    const lead = text[at++]!;
    if (lead < 0x80) bytes[index] = lead;
    else {
      const next = text[at++];
      if ((lead !== 0xc2 && lead !== 0xc3) || next === undefined || next >> 6 !== 2) throw wrongLength(name);
      bytes[index] = ((lead & 3) << 6) | (next & 0x3f);
    }
  }
  if (at !== text.length) throw wrongLength(name);
  return bytes;
}

/** From the first index running fastest to the last. */
function rowMajor(bytes: Uint8Array, shape: readonly number[], size: number): Uint8Array {
  const turned = new Uint8Array(bytes.length);
  const steps = shape.map((_, axis) => elementCount(shape.slice(0, axis)));
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < bytes.length; to += size) {
    for (let byte = 0; byte < size; byte++) turned[to + byte] = bytes[from * size + byte]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += steps[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= steps[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return turned;
}

function wrongLength(name: string): AppError {
  return corrupt(`"${name}" has not the bytes of its size`);
}

function corrupt(why: string): AppError {
  return new AppError('model.corrupt', `The arrays in the file are damaged: ${why}`);
}
