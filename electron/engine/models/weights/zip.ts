/** @file The entries of a zip archive, found without reading what is in them. */
import { inflateRawSync } from 'node:zlib';
import { AppError } from '#core/errors.ts';
import type { ByteSource } from './byte-source.ts';

export interface ZipEntry {
  name: string;
  /** Neither compressed nor encrypted: its bytes lie in the file as they are. */
  isStored: boolean;
  /** What it takes in the file, and what it holds; the same when stored. */
  packedBytes: number;
  sizeBytes: number;
  /** Reads the entry's own header. @throws {AppError} 'model.corrupt' */
  position(): number;
}

/** Source: PKWARE APPNOTE 6.3.10, sections 4.3 (records) and 4.4 (fields). */
const signatures = {
  local: 0x04034b50,
  central: 0x02014b50,
  end: 0x06054b50,
  end64: 0x06064b50,
  locator64: 0x07064b50,
};
const sizes = { local: 30, central: 46, end: 22, end64: 56, locator64: 20 };
const maxComment = 0xffff;
const isInZip64 = { short: 0xffff, long: 0xffffffff };
const zip64ExtraId = 1;
const methods = { stored: 0, deflated: 8 };

/** The list of entries: 8 MB hold some 100,000, a network has hundreds. */
const maxDirectoryBytes = 8 * 1024 * 1024;

/**
 * By name.
 *
 * @throws {AppError} 'model.corrupt' if the archive is damaged or cut off, 'model.unsupported' if it is spread or huge
 */
export function zipEntries(source: ByteSource): Map<string, ZipEntry> {
  const { start, sizeBytes } = findDirectory(source);
  if (sizeBytes > maxDirectoryBytes) throw new AppError('model.unsupported', 'The archive has too many entries');
  const bytes = source.read(start, sizeBytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries = new Map<string, ZipEntry>();

  for (let at = 0; at + sizes.central <= bytes.length && view.getUint32(at, true) === signatures.central;) {
    const nameBytes = view.getUint16(at + 28, true);
    const extraBytes = view.getUint16(at + 30, true);
    const nameStart = at + sizes.central;
    const next = nameStart + nameBytes + extraBytes + view.getUint16(at + 32, true);
    if (next > bytes.length) throw damaged();
    const name = Buffer.from(bytes.buffer, bytes.byteOffset + nameStart, nameBytes).toString('utf8');
    const extra = new DataView(bytes.buffer, bytes.byteOffset + nameStart + nameBytes, extraBytes);
    if (entries.has(name)) throw damaged();
    entries.set(name, entryOf(source, name, view, at, extra));
    at = next;
  }
  return entries;
}

/**
 * A small entry whole.
 *
 * @throws {AppError} 'model.corrupt', or 'model.unsupported' above `maxBytes` or for another compression than deflate
 */
export function readZipEntry(source: ByteSource, entry: ZipEntry, maxBytes: number): Uint8Array {
  if (entry.sizeBytes > maxBytes || entry.packedBytes > maxBytes) {
    throw new AppError('model.unsupported', `"${entry.name.slice(-80)}" in the archive is too large`);
  }
  const packed = source.read(entry.position(), entry.packedBytes);
  if (entry.isStored) return packed;
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, entry.sizeBytes) });
  } catch (cause) {
    throw new AppError('model.corrupt', `"${entry.name.slice(-80)}" in the archive cannot be unpacked`, { cause });
  }
}

function findDirectory(source: ByteSource): { start: number; sizeBytes: number } {
  const tailBytes = Math.min(source.sizeBytes, sizes.end + maxComment);
  const tailStart = source.sizeBytes - tailBytes;
  const tail = source.read(tailStart, tailBytes);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);

  for (let at = tailBytes - sizes.end; at >= 0; at--) {
    if (view.getUint32(at, true) !== signatures.end) continue;
    const directory = { sizeBytes: view.getUint32(at + 12, true), start: view.getUint32(at + 16, true) };
    const count = view.getUint16(at + 10, true);
    if (count !== isInZip64.short && ![directory.sizeBytes, directory.start].includes(isInZip64.long)) return directory;
    return findDirectory64(source, tailStart + at) ?? directory;
  }
  throw damaged();
}

/** Archives above 4 GB or 65,534 entries have a second end record; undefined if this one has none. */
function findDirectory64(source: ByteSource, end: number): { start: number; sizeBytes: number } | undefined {
  if (end < sizes.locator64) return undefined;
  const locator = dataView(source, end - sizes.locator64, sizes.locator64);
  if (locator.getUint32(0, true) !== signatures.locator64) return undefined;
  const record = dataView(source, safe(locator.getBigUint64(8, true)), sizes.end64);
  if (record.getUint32(0, true) !== signatures.end64) throw damaged();
  return { sizeBytes: safe(record.getBigUint64(40, true)), start: safe(record.getBigUint64(48, true)) };
}

function entryOf(source: ByteSource, name: string, view: DataView, at: number, extra: DataView): ZipEntry {
  const flags = view.getUint16(at + 8, true);
  const method = view.getUint16(at + 10, true);
  // In this order, and only those that did not fit, they stand in the extra field.
  const [sizeBytes, packedBytes, localStart] = in64(extra, [
    view.getUint32(at + 24, true),
    view.getUint32(at + 20, true),
    view.getUint32(at + 42, true),
  ]);
  const isEncrypted = (flags & 1) === 1;
  if (isEncrypted || (method !== methods.stored && method !== methods.deflated)) {
    throw new AppError('model.unsupported', `"${name.slice(-80)}" in the archive is encrypted or oddly compressed`);
  }
  const isStored = method === methods.stored;
  if (isStored && sizeBytes !== packedBytes) throw damaged();
  return {
    name,
    isStored,
    packedBytes,
    sizeBytes,
    position() {
      const local = dataView(source, localStart, sizes.local);
      if (local.getUint32(0, true) !== signatures.local) throw damaged();
      const start = localStart + sizes.local + local.getUint16(26, true) + local.getUint16(28, true);
      if (start + packedBytes > source.sizeBytes) throw damaged();
      return start;
    },
  };
}

function in64(extra: DataView, values: [number, number, number]): [number, number, number] {
  if (!values.includes(isInZip64.long)) return values;
  for (let at = 0; at + 4 <= extra.byteLength;) {
    const end = at + 4 + extra.getUint16(at + 2, true);
    if (end > extra.byteLength) break;
    if (extra.getUint16(at, true) === zip64ExtraId) {
      let field = at + 4;
      const wide = values.map((value) => {
        if (value !== isInZip64.long) return value;
        if (field + 8 > end) throw damaged();
        field += 8;
        return safe(extra.getBigUint64(field - 8, true));
      });
      return wide as [number, number, number];
    }
    at = end;
  }
  return values;
}

function dataView(source: ByteSource, position: number, length: number): DataView {
  const bytes = source.read(position, length);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Beyond 2^53 it is beyond every file, which whoever reads there finds out. */
function safe(value: bigint): number {
  return Number(value);
}

function damaged(): AppError {
  return new AppError('model.corrupt', 'The archive is damaged or was not copied whole');
}
