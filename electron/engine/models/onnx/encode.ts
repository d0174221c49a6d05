/** @file The protobuf wire format, written: a message is a list of pieces, of which large ones are not read yet. */
import { elementCount, elementSizes, type LazyTensor } from '#core/tensor.ts';

/** Bytes, or a tensor whose bytes are read when their turn comes. */
export type Piece = Uint8Array | LazyTensor;

export function pieceSize(piece: Piece): number {
  return piece instanceof Uint8Array ? piece.length : elementCount(piece.shape) * elementSizes[piece.type];
}

/** @param value  a safe integer; negative ones become their two's complement of 64 bits, ten bytes long */
export function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Uint8Array.from([...bytes, Number(rest)]);
}

export function varintField(number: number, value: number): Uint8Array {
  return Buffer.concat([varint(number * 8), varint(value)]);
}

export function floatField(number: number, value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([varint(number * 8 + 5), bytes]);
}

export function bytesField(number: number, value: string | Uint8Array): Uint8Array {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

/** A field that holds a message, or one tensor's bytes. */
export function messageField(number: number, pieces: readonly Piece[]): Piece[] {
  const sizeBytes = pieces.reduce((sum, piece) => sum + pieceSize(piece), 0);
  return joined([varint(number * 8 + 2), varint(sizeBytes), ...pieces]);
}

/** Neighbouring bytes as one piece, so that a graph of thousands of nodes stays a short list. */
function joined(pieces: readonly Piece[]): Piece[] {
  const result: Piece[] = [];
  let bytes: Uint8Array[] = [];
  const flush = () => {
    if (bytes.length > 0) result.push(Buffer.concat(bytes));
    bytes = [];
  };
  for (const piece of pieces) {
    if (piece instanceof Uint8Array) bytes.push(piece);
    else {
      flush();
      result.push(piece);
    }
  }
  flush();
  return result;
}
