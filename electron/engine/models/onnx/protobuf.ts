/** @file Just enough of the protobuf wire format to walk a message without loading it. */
import { readSync } from 'node:fs';
import { AppError } from '#core/errors.ts';

/** `length` bytes at `position`, to be used before the next call; throws when the file ends before. */
export type ByteSource = (position: number, length: number) => Uint8Array;

export const wireTypes = { varint: 0, fixed64: 1, message: 2, fixed32: 5 } as const;

export interface Field {
  number: number;
  /** 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes. */
  wireType: number;
  /** Of a varint field, as an unsigned number, rounded above 2^53; 0 for the others. */
  value: number;
  /** The same bits as a signed number of 64 bits, rounded beyond ±2^53. */
  signed: number;
  /** Where a length-delimited field's contents lie; empty, where their value begins, for the others. */
  start: number;
  end: number;
  /** Where the next field begins: the end of any value. */
  next: number;
}

const windowBytes = 64 * 1024;
/** A file of nothing but tiny fields takes about a second until this; large real graphs need a fifth of it. */
const maxReads = 4_000_000;
const maxVarintBytes = 10;

/** Reads a file in windows, so that walking small fields costs few system calls. */
export function fileSource(descriptor: number): ByteSource {
  let window: Uint8Array = new Uint8Array(0);
  let start = 0;
  let readCount = 0;
  return (position, length) => {
    if (++readCount > maxReads) throw new AppError('model.invalid', 'The ONNX file has too many small parts');
    if (position < start || position + length > start + window.length) {
      const buffer = Buffer.allocUnsafe(Math.max(windowBytes, length));
      window = buffer.subarray(0, readSync(descriptor, buffer, 0, buffer.length, position));
      start = position;
    }
    const bytes = window.subarray(position - start, position - start + length);
    if (bytes.length < length) throw new AppError('model.invalid', 'The ONNX file ends too early');
    return bytes;
  };
}

/** As {@link fileSource}, of bytes in memory. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  let readCount = 0;
  return (position, length) => {
    if (++readCount > maxReads) throw new AppError('model.invalid', 'The ONNX file has too many small parts');
    if (position + length > bytes.length) throw new AppError('model.invalid', 'The ONNX file ends too early');
    return bytes.subarray(position, position + length);
  };
}

/**
 * The fields of one message, in file order; contents are not read.
 *
 * @throws {AppError} 'model.invalid' if the bytes are no protobuf message
 *
 * Source: protobuf.dev, Encoding — key = number << 3 | wire type (0 varint, 1 64-bit, 2 length-delimited, 5 32-bit).
 */
export function* protobufFields(source: ByteSource, start: number, end: number): Generator<Field> {
  let at = start;

  function varint(): Varint {
    const read = readVarint(source(at, Math.min(maxVarintBytes, end - at)), 0);
    at += read.length;
    return read;
  }

  while (at < end) {
    const key = unsigned(varint());
    const field: Field = {
      number: Math.floor(key / 8),
      wireType: key % 8,
      value: 0,
      signed: 0,
      start: at,
      end: at,
      next: at,
    };
    if (field.wireType === wireTypes.varint) {
      const read = varint();
      field.value = unsigned(read);
      field.signed = signed(read);
    } else if (field.wireType === wireTypes.fixed64) at += 8;
    else if (field.wireType === wireTypes.fixed32) at += 4;
    else if (field.wireType === wireTypes.message) {
      const length = unsigned(varint());
      field.start = at;
      field.end = at += length;
    } else throw malformed();
    if (field.number === 0 || at > end) throw malformed();
    field.next = at;
    yield field;
  }
}

export interface Varint {
  /** The lower and the upper 32 bits, each as an unsigned number. */
  low: number;
  high: number;
  /** In bytes. */
  length: number;
}

/** @throws {AppError} 'model.invalid' if the bytes end within the number, or it is too long */
export function readVarint(bytes: Uint8Array, at: number): Varint {
  let low = 0;
  let high = 0;
  for (let index = 0; index < maxVarintBytes; index++) {
    const byte = bytes[at + index];
    if (byte === undefined) break;
    const bits = byte & 0x7f;
    // Seven bits each: the fifth byte lies on the border.
    if (index < 4) low |= bits << (7 * index);
    else if (index === 4) {
      low |= bits << 28;
      high = bits >> 4;
    } else high |= bits << (7 * index - 32);
    if (byte < 0x80) return { low: low >>> 0, high: high >>> 0, length: index + 1 };
  }
  throw malformed();
}

export function unsigned({ low, high }: Varint): number {
  return high * 2 ** 32 + low;
}

export function signed({ low, high }: Varint): number {
  return (high | 0) * 2 ** 32 + low;
}

function malformed(): AppError {
  return new AppError('model.invalid', 'The file is not an ONNX model');
}
