/** @file Just enough of the protobuf wire format to walk a message without loading it. */
import { AppError } from '#core/errors.ts';

/** `length` bytes at `position`; throws when the file ends before. */
export type ByteSource = (position: number, length: number) => Uint8Array;

export interface Field {
  number: number;
  /** Of a varint field; 0 for the others. */
  value: number;
  /** Where a length-delimited field's contents lie; empty for the others. */
  start: number;
  end: number;
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

  function varint(): number {
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 10; count++) {
      if (at >= end) throw malformed();
      const byte = source(at++, 1)[0]!;
      // Above 2^53 digits are lost; such numbers are never lengths of a file we accept.
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    throw malformed();
  }

  while (at < end) {
    const key = varint();
    const field: Field = { number: Math.floor(key / 8), value: 0, start: at, end: at };
    const wireType = key % 8;
    if (wireType === 0) field.value = varint();
    else if (wireType === 1) at += 8;
    else if (wireType === 5) at += 4;
    else if (wireType === 2) {
      const length = varint();
      field.start = at;
      field.end = at += length;
    } else throw malformed();
    if (field.number === 0 || at > end) throw malformed();
    yield field;
  }
}

function malformed(): AppError {
  return new AppError('model.invalid', 'The file is not an ONNX model');
}
