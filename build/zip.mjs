/** @file Unpack a zip archive without any tool of the system (plain archives under 4 GB: stored or deflated). */
import { chmodSync, closeSync, mkdirSync, openSync, readSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inflateRawSync } from 'node:zlib';

// Signatures and offsets: PKWARE APPNOTE 6.3, sections 4.3.7, 4.3.12 and 4.3.16.
const endRecord = 0x06054b50;
const directoryRecord = 0x02014b50;

/**
 * @param {string} archive absolute path
 * @param {string} folder  made when missing
 * @param {(name: string) => string | undefined} place name in the archive → path under `folder`; undefined leaves it out
 */
export function unzip(archive, folder, place) {
  const file = openSync(archive, 'r');
  const read = (/** @type {number} */ position, /** @type {number} */ length) => {
    const bytes = Buffer.alloc(length);
    if (readSync(file, bytes, 0, length, position) !== length) throw new Error(`${archive} ends too early`);
    return bytes;
  };
  try {
    const { size } = statSync(archive);
    const tail = read(Math.max(0, size - 65_557), Math.min(size, 65_557));
    const end = tail.lastIndexOf(Buffer.from(Uint32Array.of(endRecord).buffer));
    if (end < 0) throw new Error(`${archive} is not a zip archive`);
    const directory = read(tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));

    for (let at = 0; at < directory.length && directory.readUInt32LE(at) === directoryRecord;) {
      const nameLength = directory.readUInt16LE(at + 28);
      const name = directory.toString('utf8', at + 46, at + 46 + nameLength);
      const target = name.endsWith('/') ? undefined : place(name);
      if (target !== undefined) {
        const header = directory.readUInt32LE(at + 42);
        const local = read(header, 30);
        const start = header + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
        const packed = read(start, directory.readUInt32LE(at + 20));
        write(inside(folder, target), directory.readUInt16LE(at + 10) === 0 ? packed : inflateRawSync(packed));
        // The upper half of the external attributes is the Unix mode.
        if ((directory.readUInt32LE(at + 38) >>> 16) & 0o111) chmodSync(inside(folder, target), 0o755);
      }
      at += 46 + nameLength + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
    }
  } finally {
    closeSync(file);
  }
}

/** @param {string} folder @param {string} name */
function inside(folder, name) {
  const target = path.resolve(folder, name);
  if (!target.startsWith(path.resolve(folder) + path.sep)) throw new Error(`${name} points out of the archive`);
  return target;
}

/** @param {string} file @param {Uint8Array} bytes */
function write(file, bytes) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, bytes);
}
