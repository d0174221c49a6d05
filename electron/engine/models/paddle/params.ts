/**
 * @file Paddle's combined `.pdiparams`: one dense tensor after the other, without names.
 *
 * Source: Paddle, SerializeToStream (lod_tensor.cc) and TensorToStream (tensor_util.cc): uint32 0; uint64 number of
 * LoD levels, for each a uint64 size in bytes and as many bytes; uint32 0; int32 size of a TensorDesc; the TensorDesc;
 * the values, row-major, little-endian.
 */
import { basename } from 'node:path';
import { AppError } from '#core/errors.ts';
import { elementCount, elementSizes, type ElementType, type LazyTensor } from '#core/tensor.ts';
import { openByteFile, type ByteFile } from '../weights/byte-source.ts';
import type { PaddleParameter } from './program.ts';
import { fields, integer, push, sourceOf } from './wire.ts';

/** Open until disposed of; tensors cannot be read afterwards. */
export interface PaddleParams extends Disposable {
  tensors: ReadonlyMap<string, LazyTensor>;
}

/** VarType.Type. Source: framework.proto; 22 from Paddle2ONNX. */
const elementTypes: Readonly<Record<number, ElementType>> = {
  0: 'bool',
  1: 'int16',
  2: 'int32',
  3: 'int64',
  4: 'float16',
  5: 'float32',
  6: 'float64',
  20: 'uint8',
  21: 'int8',
  22: 'bfloat16',
};
const descFields = { type: 1, dims: 2 };

/** A TensorDesc of four sizes takes about 20 bytes; LoD levels are of sequences, which pictures have not. */
const limits = { descBytes: 4096, rank: 16, lodLevels: 8 };

/**
 * @param parameters  what the program declares, in the order of the file
 * @throws {AppError} 'model.corrupt' if the file ends early or goes on, 'model.invalid' if a tensor is not as declared,
 *   'model.unsupported' for an element type we do not know, 'file.missing', 'file.denied', 'file.not-regular'
 */
export function openParams(path: string, parameters: readonly PaddleParameter[]): PaddleParams {
  const file = openByteFile(path);
  const reading: Reading = { file, name: basename(path) };
  try {
    const tensors = new Map<string, LazyTensor>();
    let at = 0;
    for (const parameter of parameters) {
      const { tensor, end } = readRecord(reading, at, parameter);
      tensors.set(parameter.name, tensor);
      at = end;
    }
    if (at !== file.sizeBytes) {
      throw new AppError(
        'model.invalid',
        `${reading.name} holds more weights than the ${parameters.length} that the program declares`,
      );
    }
    return { tensors, [Symbol.dispose]: () => file[Symbol.dispose]() };
  } catch (thrown) {
    file[Symbol.dispose]();
    throw thrown;
  }
}

/** The file, and what to call it and its end. */
interface Reading {
  file: ByteFile;
  name: string;
}

function read({ file, name }: Reading, position: number, length: number, ending: string): Uint8Array {
  if (!(position + length <= file.sizeBytes)) throw damaged(name, `it ends too early, ${ending}`);
  return file.read(position, length);
}

function damaged(name: string, why: string): AppError {
  return new AppError('model.corrupt', `${name} is damaged: ${why}`);
}

function readRecord(
  reading: Reading,
  start: number,
  { name, shape }: PaddleParameter,
): { tensor: LazyTensor; end: number } {
  const ending = `at the weights "${name}"`;
  const header = view(read(reading, start, 12, ending));
  const levels = Number(header.getBigUint64(4, true));
  if (header.getUint32(0, true) !== 0) throw damaged(reading.name, `no tensor begins ${ending}`);
  if (levels > limits.lodLevels) throw damaged(reading.name, `impossible levels ${ending}`);
  let at = start + 12;
  for (let level = 0; level < levels; level++) {
    at += 8 + Number(view(read(reading, at, 8, ending)).getBigUint64(0, true));
  }

  const tensorHeader = view(read(reading, at, 8, ending));
  const descBytes = tensorHeader.getInt32(4, true);
  if (tensorHeader.getUint32(0, true) !== 0) throw damaged(reading.name, `no tensor begins ${ending}`);
  if (descBytes <= 0 || descBytes > limits.descBytes)
    throw damaged(reading.name, `an impossible description ${ending}`);
  const desc = readDesc(read(reading, at + 8, descBytes, ending), reading, ending);

  const from = at + 8 + descBytes;
  const length = elementCount(desc.shape) * elementSizes[desc.type];
  if (from + length > reading.file.sizeBytes) throw damaged(reading.name, `it ends too early, ${ending}`);
  if (!sameShape(desc.shape, shape)) {
    throw new AppError(
      'model.invalid',
      `The two files do not belong together: "${name}" is [${shape.join(', ')}] in the program and ` +
        `[${desc.shape.join(', ')}] in ${reading.name}`,
    );
  }
  return { tensor: { ...desc, bytes: () => read(reading, from, length, ending) }, end: from + length };
}

function readDesc(bytes: Uint8Array, reading: Reading, ending: string): { type: ElementType; shape: number[] } {
  let code = -1;
  const shape: number[] = [];
  try {
    for (const field of fields(sourceOf(bytes), 0, bytes.length)) {
      if (field.number === descFields.type) code = integer(field);
      if (field.number === descFields.dims) push(shape, integer(field));
    }
  } catch {
    throw damaged(reading.name, `an unreadable description ${ending}`);
  }
  const isShape = shape.length <= limits.rank && shape.every((size) => Number.isSafeInteger(size) && size > 0);
  // Not '>': what is no number at all must not pass either.
  if (!isShape || !(elementCount(shape) <= reading.file.sizeBytes))
    throw damaged(reading.name, `an impossible size ${ending}`);
  const type = elementTypes[code];
  if (type === undefined) {
    throw new AppError('model.unsupported', `${reading.name} holds numbers of an unknown kind (${code}) ${ending}`);
  }
  return { type, shape };
}

/** Old programs declare a scalar as [1], and its record has no sizes, or the other way round. */
function sameShape(found: readonly number[], declared: readonly number[]): boolean {
  if (elementCount(found) === 1 && elementCount(declared) === 1) return true;
  return found.length === declared.length && found.every((size, at) => size === declared[at]);
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
