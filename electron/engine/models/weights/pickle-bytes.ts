/** @file The operands in a pickle, one after the other. */
import { AppError } from '#core/errors.ts';
import type { ByteSource } from './byte-source.ts';

const windowBytes = 64 * 1024;
/** Of an operand that ends with a line: numbers and names; data pickles stay far below. */
const maxLineBytes = 4096;
/** Longer numbers cost quadratic time, and none of a checkpoint has more digits. */
const maxIntegerBytes = 1024;

export class PickleBytes {
  readonly #source: ByteSource;
  readonly #end: number;
  #position: number;
  #window: DataView = new DataView(new ArrayBuffer(0));
  #windowStart = 0;

  constructor(source: ByteSource, start: number, end: number) {
    this.#source = source;
    this.#position = start;
    this.#end = Math.min(end, source.sizeBytes);
  }

  get position(): number {
    return this.#position;
  }

  uint8(): number {
    // Advancing may replace the window, so it comes first.
    const at = this.#advance(1);
    return this.#window.getUint8(at);
  }

  uint16(): number {
    const at = this.#advance(2);
    return this.#window.getUint16(at, true);
  }

  uint32(): number {
    const at = this.#advance(4);
    return this.#window.getUint32(at, true);
  }

  int32(): number {
    const at = this.#advance(4);
    return this.#window.getInt32(at, true);
  }

  /** A length; above 2^53 it is rounded, which is beyond the end of any file. */
  uint64(): number {
    const at = this.#advance(8);
    return Number(this.#window.getBigUint64(at, true));
  }

  /** The one big-endian operand. */
  float64(): number {
    const at = this.#advance(8);
    return this.#window.getFloat64(at, false);
  }

  /** Two's complement, little-endian. */
  integer(length: number): number | bigint {
    if (length > maxIntegerBytes) throw malformed('has a number of too many digits');
    let value = 0n;
    const bytes = this.take(length);
    for (const byte of bytes.toReversed()) value = (value << 8n) | BigInt(byte);
    return plain(BigInt.asIntN(length * 8, value));
  }

  /** Up to the next line feed, which is left out; bytes as Latin-1. */
  line(): string {
    for (let length = 0; length < maxLineBytes; length++) {
      if (this.uint8() !== 0x0a) continue;
      this.#position -= length + 1;
      const text = Buffer.from(this.take(length)).toString('latin1');
      this.#position++;
      return text;
    }
    throw malformed('has a line that is too long');
  }

  /** In memory of their own. */
  take(length: number): Uint8Array {
    const start = this.skip(length);
    const { buffer, byteOffset, byteLength } = this.#window;
    const offset = start - this.#windowStart;
    if (offset < 0 || offset + length > byteLength) return this.#source.read(start, length);
    return new Uint8Array(buffer, byteOffset + offset, length).slice();
  }

  /** @returns where the bytes passed over begin */
  skip(length: number): number {
    const start = this.#position;
    this.expect(length);
    this.#position += length;
    return start;
  }

  /** @throws {AppError} 'model.corrupt' unless `length` bytes are left */
  expect(length: number): void {
    if (!(length <= this.#end - this.#position)) throw malformed('ends too early');
  }

  /** @returns the offset of the bytes in the window */
  #advance(length: number): number {
    const start = this.skip(length);
    const offset = start - this.#windowStart;
    if (offset >= 0 && offset + length <= this.#window.byteLength) return offset;
    const bytes = this.#source.read(start, Math.min(windowBytes, this.#end - start));
    this.#window = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#windowStart = start;
    return 0;
  }
}

/** A number where it is exact. */
export function plain(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** @param what  continues "The pickled data …" */
export function malformed(what: string): AppError {
  return new AppError('model.corrupt', `The pickled data ${what}`);
}
