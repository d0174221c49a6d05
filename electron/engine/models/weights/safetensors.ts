/** @file safetensors: a JSON header that says where each tensor lies, then the numbers without a gap. */
import { AppError } from '#core/errors.ts';
import { elementCount, elementSizes, type ElementType, type LazyTensor } from '#core/tensor.ts';
import type { ByteFile, ByteSource } from './byte-source.ts';
import { withoutCommonPrefix } from './common-prefix.ts';
import type { WeightFile } from './weight-file.ts';

/** 40,000 tensors; that of a 152-layer network takes 0.1 MB. The format allows 100 MB, which would parse for minutes. */
const maxHeaderBytes = 4_000_000;
const lengthBytes = 8;
const openBrace = 0x7b;

const types: Readonly<Record<string, ElementType>> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  I64: 'int64',
  I32: 'int32',
  I16: 'int16',
  I8: 'int8',
  U8: 'uint8',
  BOOL: 'bool',
};

/** A length that fits the file and an opening brace behind it. */
export function isSafetensors(source: ByteSource): boolean {
  if (source.sizeBytes < lengthBytes + 2) return false;
  const length = headerLength(source);
  return length >= 2 && length <= source.sizeBytes - lengthBytes && source.read(lengthBytes, 1)[0] === openBrace;
}

/**
 * @param file  closed by the result's disposal
 * @throws {AppError} 'model.corrupt' if ranges overlap, leave gaps or do not fit types and shapes,
 *   'model.unsupported' with the name of a tensor of another type
 */
export function openSafetensors(file: ByteFile): WeightFile {
  const length = headerLength(file);
  if (length > maxHeaderBytes)
    throw new AppError('model.unsupported', 'The header of the safetensors file is too large');
  const dataStart = lengthBytes + length;
  const entries = Object.entries(parseHeader(file.read(lengthBytes, length)))
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => readEntry(name, value));

  let end = 0;
  for (const { name, range } of entries.toSorted((a, b) => a.range[0] - b.range[0] || a.range[1] - b.range[1])) {
    if (range[0] !== end) throw corrupt(`${shown(name)} does not begin where the one before it ends`);
    end = range[1];
  }
  if (end !== file.sizeBytes - dataStart)
    throw corrupt(`its tensors fill ${end} of ${file.sizeBytes - dataStart} bytes`);

  const tensors = new Map<string, LazyTensor>();
  for (const { name, type, shape, range } of entries) {
    tensors.set(name, { type, shape, bytes: () => file.read(dataStart + range[0], range[1] - range[0]) });
  }
  return {
    format: 'safetensors',
    tensors: withoutCommonPrefix(tensors),
    [Symbol.dispose]: () => file[Symbol.dispose](),
  };
}

/** Above 2^53 it is rounded, which is beyond the end of any file. */
function headerLength(source: ByteSource): number {
  const bytes = source.read(0, lengthBytes);
  return Number(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true));
}

function parseHeader(bytes: Uint8Array): object {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new AppError('model.corrupt', 'The header of the safetensors file is not JSON', { cause });
  }
  if (typeof header !== 'object' || header === null) throw corrupt('its header is no object');
  return header;
}

interface Entry {
  name: string;
  type: ElementType;
  shape: number[];
  /** From the first number of the first tensor; the end is not part of it. */
  range: readonly [number, number];
}

function readEntry(name: string, value: unknown): Entry {
  if (typeof value !== 'object' || value === null) throw corrupt(`${shown(name)} is not described`);
  const { dtype, shape, data_offsets: range } = value as Record<string, unknown>;
  if (!isNaturals(shape) || !isNaturals(range) || range.length !== 2) {
    throw corrupt(`${shown(name)} has a shape or place that cannot be`);
  }
  const type = typeof dtype === 'string' && Object.hasOwn(types, dtype) ? types[dtype] : undefined;
  if (!type) {
    throw new AppError(
      'model.unsupported',
      `${shown(name)} has the type ${String(dtype).slice(0, 20)}, which is unknown`,
    );
  }
  const [start, end] = range as [number, number];
  if (end - start !== elementCount(shape) * elementSizes[type]) {
    throw corrupt(`${shown(name)} has ${end - start} bytes, which is not what its shape needs`);
  }
  return { name, type, shape, range: [start, end] };
}

function isNaturals(value: unknown): value is number[] {
  return Array.isArray(value) && value.length <= 64 && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

function shown(name: string): string {
  return `The tensor "${name.slice(0, 100)}"`;
}

/** @param why  a sentence or its end */
function corrupt(why: string): AppError {
  return new AppError('model.corrupt', `The safetensors file is damaged: ${why}`);
}
