/** @file Protobuf messages, written by hand. */

export function varint(value: number | bigint): Buffer {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
}

export function number(field: number, value: number | bigint | boolean): Buffer {
  return Buffer.concat([varint(field * 8), varint(BigInt(value))]);
}

export function bytes(field: number, value: string | Uint8Array | readonly Uint8Array[]): Buffer {
  const content =
    typeof value === 'string' ? Buffer.from(value) : Buffer.concat(Array.isArray(value) ? value : [value]);
  return Buffer.concat([varint(field * 8 + 2), varint(content.length), content]);
}

export function float(field: number, value: number): Buffer {
  const content = Buffer.alloc(4);
  content.writeFloatLE(value);
  return Buffer.concat([varint(field * 8 + 5), content]);
}

export function double(field: number, value: number): Buffer {
  const content = Buffer.alloc(8);
  content.writeDoubleLE(value);
  return Buffer.concat([varint(field * 8 + 1), content]);
}
