/** @file A TensorProto: its shape now, its bytes when they are asked for. */
import { AppError } from '#core/errors.ts';
import { elementCount, elementSizes, type ElementType, type LazyTensor } from '#core/tensor.ts';
import { readVarint, type Field } from './protobuf.ts';
import { invalid, type Reading } from './reading.ts';
import { elementTypeNames, tensorFields } from './schema.ts';

export interface ReadTensor {
  name: string;
  /** Null for an element type that no {@link LazyTensor} has. */
  tensor: LazyTensor | null;
}

/** Where values lie: contents of one or several fields, as packed values are. */
interface Range {
  start: number;
  end: number;
}

/** Bytes of the file, which nobody writes to; throws once its owner has closed it. */
export type ReadRange = (range: Range) => Uint8Array;

/** No operator takes more. */
const maxRank = 64;

/** Which field holds the values of a type when they are not raw, and how wide they lie there. Source: onnx.proto. */
const typedFields: Readonly<Record<ElementType, number>> = {
  float32: tensorFields.floats,
  float64: tensorFields.doubles,
  int64: tensorFields.int64s,
  int32: tensorFields.int32s,
  int16: tensorFields.int32s,
  int8: tensorFields.int32s,
  uint8: tensorFields.int32s,
  bool: tensorFields.int32s,
  float16: tensorFields.int32s,
  bfloat16: tensorFields.int32s,
};

/**
 * @throws {AppError} 'model.invalid' for an impossible shape or a tensor in parts, 'model.corrupt' if its bytes are not
 *   those of its shape
 */
export function readTensor(reading: Reading, read: ReadRange, { start, end }: Range): ReadTensor {
  const shape: number[] = [];
  const typed = new Map<number, Range[]>();
  let name = '';
  let typeCode = 0;
  let raw: Field | null = null;
  for (const field of reading.fields(start, end)) {
    switch (field.number) {
      case tensorFields.dims:
        shape.push(...dimensions(reading, field));
        break;
      case tensorFields.type:
        typeCode = field.value;
        break;
      case tensorFields.name:
        name = reading.name(field);
        break;
      case tensorFields.raw:
        raw = field;
        break;
      case tensorFields.segment:
        throw invalid(`the tensor "${name}" is stored in parts`);
      case tensorFields.floats:
      case tensorFields.doubles:
      case tensorFields.int32s:
      case tensorFields.int64s:
        reading.keep(1);
        if (!typed.has(field.number)) typed.set(field.number, []);
        typed.get(field.number)!.push({ start: field.start, end: field.next });
    }
  }
  if (shape.length > maxRank) throw invalid(`the tensor "${name}" has too many dimensions`);
  const count = elementCount(shape);
  if (!Number.isSafeInteger(count * 16)) throw invalid(`the tensor "${name}" is impossibly large`);

  const type = elementTypeNames[typeCode];
  if (type === undefined || !isElementType(type)) return { name, tensor: null };
  if (raw) {
    if (raw.end - raw.start !== count * elementSizes[type]) throw corrupt(name, raw.end - raw.start, count, type);
    const { start: from, end: to } = raw;
    return { name, tensor: { type, shape, bytes: () => read({ start: from, end: to }) } };
  }
  const ranges = typed.get(typedFields[type]) ?? [];
  return { name, tensor: { type, shape, bytes: () => readTyped(read, ranges, type, count, name) } };
}

function isElementType(type: string): type is ElementType {
  return Object.hasOwn(elementSizes, type);
}

function dimensions(reading: Reading, field: Field): number[] {
  const sizes = reading.integers(field);
  if (!sizes.every((size) => size >= 0 && Number.isSafeInteger(size)))
    throw invalid('a tensor has an impossible shape');
  return sizes;
}

function corrupt(name: string, sizeBytes: number, count: number, type: string): AppError {
  return new AppError(
    'model.corrupt',
    `The ONNX file is damaged: the tensor "${name}" has ${sizeBytes} bytes for ${count} values of ${type}`,
    { details: { name, sizeBytes, count, type } },
  );
}

function readTyped(read: ReadRange, ranges: Range[], type: ElementType, count: number, name: string): Uint8Array {
  const parts = ranges.map(read);
  const packed = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  const bytes = type === 'float32' || type === 'float64' ? packed : unpacked(packed, type, count);
  if (bytes?.length !== count * elementSizes[type]) throw corrupt(name, packed.length, count, type);
  return bytes;
}

/** @returns null if there are not exactly `count` numbers */
function unpacked(packed: Uint8Array, type: ElementType, count: number): Uint8Array | null {
  // Each takes a byte at least, so that no more is allocated than eight times what was read.
  if (count > packed.length) return null;
  const size = elementSizes[type];
  const bytes = new Uint8Array(count * size);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (let index = 0; index < count; index++) {
    const read = readVarint(packed, at);
    at += read.length;
    // Negative numbers are written with 64 bits; the lower ones are those of the shorter type.
    if (size === 8) {
      view.setUint32(index * 8, read.low, true);
      view.setUint32(index * 8 + 4, read.high, true);
    } else if (size === 4) view.setUint32(index * 4, read.low, true);
    else if (size === 2) view.setUint16(index * 2, read.low, true);
    else view.setUint8(index, read.low);
  }
  return at === packed.length ? bytes : null;
}
