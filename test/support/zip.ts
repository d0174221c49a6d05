/** @file Zip archives, also those with the fields of large ones. */
import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipPart {
  name: string;
  bytes: Uint8Array;
  isDeflated?: boolean;
  /** Sizes and place in the extra field, as above 4 GB. */
  isZip64?: boolean;
  /** Bit 0 says encrypted. */
  flags?: number;
}

function fields(...values: [size: 2 | 4 | 8, value: number][]): Buffer {
  return Buffer.concat(
    values.map(([size, value]) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(BigInt(value));
      return bytes.subarray(0, size);
    }),
  );
}

/** Source: PKWARE APPNOTE 6.3.10, section 4.3. */
export function zip(parts: readonly ZipPart[], { isZip64 = false } = {}): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let position = 0;
  for (const part of parts) {
    const name = Buffer.from(part.name);
    const packed = part.isDeflated ? deflateRawSync(part.bytes) : part.bytes;
    const common = [
      ...([
        [2, 45],
        [2, part.flags ?? 0],
        [2, part.isDeflated ? 8 : 0],
        [2, 0],
        [2, 0],
      ] as [2, number][]),
      [4, crc32(part.bytes)] as [4, number],
    ];
    const sizes: [4, number][] = part.isZip64
      ? [
          [4, 0xffffffff],
          [4, 0xffffffff],
        ]
      : [
          [4, packed.length],
          [4, part.bytes.length],
        ];
    const extra = part.isZip64
      ? fields([2, 1], [2, 24], [8, part.bytes.length], [8, packed.length], [8, position])
      : Buffer.alloc(0);
    const local = Buffer.concat([fields([4, 0x04034b50], ...common, ...sizes, [2, name.length], [2, 0]), name]);
    const place = part.isZip64 ? 0xffffffff : position;
    directory.push(
      fields([4, 0x02014b50], [2, 45], ...common, ...sizes, [2, name.length], [2, extra.length]),
      fields([2, 0], [2, 0], [2, 0], [4, 0], [4, place]),
      name,
      extra,
    );
    bodies.push(local, Buffer.from(packed));
    position += local.length + packed.length;
  }
  const list = Buffer.concat(directory);
  const count = parts.length;
  const end64 = Buffer.concat([
    fields([4, 0x06064b50], [8, 44], [2, 45], [2, 45], [4, 0], [4, 0], [8, count], [8, count], [8, list.length]),
    fields([8, position], [4, 0x07064b50], [4, 0], [8, position + list.length], [4, 1]),
  ]);
  const end = isZip64
    ? fields([4, 0x06054b50], [2, 0], [2, 0], [2, 0xffff], [2, 0xffff], [4, 0xffffffff], [4, 0xffffffff], [2, 0])
    : fields([4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, list.length], [4, position], [2, 0]);
  return Buffer.concat([...bodies, list, ...(isZip64 ? [end64] : []), end]);
}
