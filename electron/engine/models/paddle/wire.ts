/** @file Values inside Paddle's protobuf messages. */
import { AppError } from '#core/errors.ts';
import { protobufFields, wireTypes, type ByteSource, type Field } from '../onnx/protobuf.ts';

export type { ByteSource, Field };

/** Call stacks and type lists are longer, and nothing we read. */
const longestText = 4096;
const longestList = 65_536;

export function sourceOf(bytes: Uint8Array): ByteSource {
  return (position, length) => bytes.subarray(position, position + length);
}

/**
 * The fields of one message, in file order.
 *
 * @throws {AppError} 'model.invalid' if the bytes are no message
 */
export function* fields(source: ByteSource, start: number, end: number): Generator<Field> {
  try {
    yield* protobufFields(source, start, end);
  } catch (cause) {
    throw malformed(cause);
  }
}

/** Proto2 writes lists of numbers one by one, never packed. @throws {AppError} 'model.invalid' */
export function integer({ wireType, signed }: Field): number {
  if (wireType !== wireTypes.varint) throw malformed();
  return signed;
}

/** @throws {AppError} 'model.invalid' if the field is no number of four or eight bytes */
export function real(source: ByteSource, { start, next }: Field): number {
  const bytes = source(start, next - start);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length === 4) return view.getFloat32(0, true);
  if (bytes.length === 8) return view.getFloat64(0, true);
  throw malformed();
}

/** @returns null for a text too long to be a name or a setting */
export function optionalText(source: ByteSource, { start, end }: Field): string | null {
  return end - start > longestText ? null : Buffer.from(source(start, end - start)).toString('utf8');
}

/** @throws {AppError} 'model.invalid' if it is too long to be a name */
export function text(source: ByteSource, field: Field): string {
  const value = optionalText(source, field);
  if (value === null) throw malformed();
  return value;
}

/** @throws {AppError} 'model.invalid' if the list has become longer than any that means something */
export function push<Item>(list: Item[], item: Item): void {
  if (list.length >= longestList) throw malformed();
  list.push(item);
}

export function malformed(cause?: unknown): AppError {
  return new AppError('model.invalid', 'The file is not a Paddle model', { cause });
}
