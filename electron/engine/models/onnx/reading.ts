/** @file One pass over an ONNX file: its fields, its text and numbers, and how much of it memory will hold. */
import { AppError } from '#core/errors.ts';
import { protobufFields, readVarint, signed, wireTypes, type ByteSource, type Field } from './protobuf.ts';

/** What one number, name or node costs in memory, roughly. */
const entryBytes = 64;
/** Real structures stay below 10 MB; weights do not count. */
const maxStructureBytes = 128 * 1024 * 1024;
const maxNameBytes = 1024;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function invalid(why: string): AppError {
  return new AppError('model.invalid', `The ONNX file cannot be used: ${why}`);
}

export class Reading {
  readonly #source: ByteSource;
  #keptBytes = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  fields(start: number, end: number): Generator<Field> {
    return protobufFields(this.#source, start, end);
  }

  /** Count something that stays in memory. @throws {AppError} 'model.invalid' when it is too much */
  keep(entryCount: number, sizeBytes = 0): void {
    this.#keptBytes += entryCount * entryBytes + sizeBytes;
    if (this.#keptBytes > maxStructureBytes) throw invalid('its structure is too large');
  }

  /** A copy of its own. */
  bytes({ start, end }: Field): Uint8Array {
    this.keep(1, end - start);
    return new Uint8Array(this.#source(start, end - start));
  }

  name(field: Field): string {
    if (field.end - field.start > maxNameBytes) throw invalid('a name in it is too long');
    const text = this.text(field);
    if (text === null) throw invalid('a name in it is no text');
    return text;
  }

  /** @returns null for what is no UTF-8, and would not be written again as it was */
  text(field: Field): string | null {
    try {
      return utf8.decode(this.bytes(field));
    } catch (thrown) {
      if (thrown instanceof AppError) throw thrown;
      return null;
    }
  }

  float({ wireType, start }: Field): number {
    if (wireType !== wireTypes.fixed32) throw invalid('a number in it is malformed');
    return floatAt(this.#source(start, 4), 0);
  }

  /** Repeated floats: one by one, or packed. */
  floats({ start, next: end }: Field): number[] {
    const count = (end - start) / 4;
    this.keep(Math.ceil(count));
    if (!Number.isInteger(count)) throw invalid('a list of numbers in it is malformed');
    const bytes = new Uint8Array(this.#source(start, end - start));
    return Array.from({ length: count }, (_, index) => floatAt(bytes, index * 4));
  }

  /** Repeated integers of up to 64 bits: one by one, or packed. Rounded beyond ±2^53. */
  integers({ start, next: end }: Field): number[] {
    this.keep(1, end - start);
    const bytes = new Uint8Array(this.#source(start, end - start));
    const values: number[] = [];
    for (let at = 0; at < bytes.length;) {
      const read = readVarint(bytes, at);
      this.keep(1);
      values.push(signed(read));
      at += read.length;
    }
    return values;
  }
}

function floatAt(bytes: Uint8Array, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getFloat32(offset, true);
}
