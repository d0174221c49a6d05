/** @file Model downloads that come as tar archives, unpacked without trusting a name in them. */
import { open, stat, type FileHandle } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AppError } from '#core/errors.ts';

/** Source: POSIX.1-1988 ustar: blocks of 512 bytes; name at 0, size at 124, checksum at 148, type at 156, magic at 257. */
const blockBytes = 512;
const fields = { name: [0, 100], size: [124, 136], checksum: [148, 156], magic: [257, 262] } as const;
const typeAt = 156;
/** Regular files: today's '0', and the null character of before. */
const regularTypes = new Set(['0', '\0']);
/** Folders, and records about the next or all members: times and owners, which nobody needs here. */
const passedTypes = new Set(['5', 'x', 'g']);
const typeWords: Readonly<Record<string, string>> = {
  1: 'a link',
  2: 'a link',
  L: 'a name that is too long',
  K: 'a link',
};

/** Every part of a path, so that nothing leaves the folder, hides, or means something to a system. */
const plainName = /^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,99}$/;
/** What macOS adds to archives. */
const strayName = /^(?:\._.*|\.DS_Store)$/;
/** A model has three files. */
const maxMembers = 1000;
const copyBytes = 4 * 1024 * 1024;

/**
 * Unpack the regular files of an archive, all into one folder, under the last parts of their names.
 *
 * @param path        absolute
 * @param intoFolder  absolute, there, and without files of those names
 * @returns           the paths of the files, in the order of the archive
 * @throws {AppError} 'model.unsupported' for links, devices, names that are not plain, or what is no tar archive;
 *   'model.corrupt' if it is damaged or ends early; 'file.missing', 'file.not-regular', 'disk.full', 'aborted'
 */
export async function extractTar(
  path: string,
  intoFolder: string,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<string[]> {
  const archive = await openArchive(path);
  try {
    const { size } = await archive.stat();
    const written: string[] = [];
    for await (const member of members(archive, size, basename(path))) {
      const target = join(intoFolder, member.name);
      if (written.includes(target)) throw refused(basename(path), `two files of the name "${member.name}"`);
      await copy(archive, member, target, signal);
      written.push(target);
    }
    return written;
  } finally {
    await archive.close();
  }
}

async function openArchive(path: string): Promise<FileHandle> {
  try {
    // Opening a pipe would wait for whoever writes into it.
    if (!(await stat(path)).isFile()) throw new AppError('file.not-regular', `${basename(path)} is not a regular file`);
    return await open(path, 'r');
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('file.missing', `${basename(path)} cannot be opened`, { cause });
  }
}

interface Member {
  /** Without folders. */
  name: string;
  start: number;
  sizeBytes: number;
}

async function* members(archive: FileHandle, sizeBytes: number, archiveName: string): AsyncGenerator<Member> {
  let at = 0;
  for (let count = 0; at + blockBytes <= sizeBytes; count++) {
    const header = Buffer.alloc(blockBytes);
    await archive.read(header, 0, blockBytes, at);
    // Two empty blocks are the end.
    if (header.every((byte) => byte === 0)) return;
    if (count >= maxMembers) throw refused(archiveName, 'too many files');
    checkHeader(header, archiveName, count === 0);

    const size = octal(header, fields.size);
    const start = at + blockBytes;
    if (size === null || !(start + size <= sizeBytes)) {
      throw new AppError('model.corrupt', `The archive ${archiveName} is damaged: it ends too early`);
    }
    at = start + Math.ceil(size / blockBytes) * blockBytes;
    const type = String.fromCharCode(header[typeAt]!);
    if (passedTypes.has(type)) continue;
    if (!regularTypes.has(type)) throw refused(archiveName, typeWords[type] ?? 'more than plain files');
    const name = plainLast(text(header, fields.name), archiveName);
    if (name !== null) yield { name, start, sizeBytes: size };
  }
}

function checkHeader(header: Buffer, archiveName: string, isFirst: boolean): void {
  // The checksum is made with blanks in its own place.
  const [from, to] = fields.checksum;
  const sum = header.reduce((total, byte, at) => total + (at >= from && at < to ? 0x20 : byte), 0);
  if (text(header, fields.magic) === 'ustar' && octal(header, fields.checksum) === sum) return;
  if (isFirst) throw new AppError('model.unsupported', `${archiveName} is not a tar archive`);
  throw new AppError(
    'model.corrupt',
    `The archive ${archiveName} is damaged: a file in it does not begin where it should`,
  );
}

/** @returns null for files that nobody put there on purpose */
function plainLast(path: string, archiveName: string): string | null {
  const parts = path.split('/').filter((part) => part !== '.');
  const name = parts.at(-1) ?? '';
  if (strayName.test(name)) return null;
  if (parts.every((part) => plainName.test(part))) return name;
  throw refused(archiveName, `a file of the name "${path.slice(0, 100).replaceAll(/[^\x20-\x7e]/g, '?')}"`);
}

async function copy(
  archive: FileHandle,
  { start, sizeBytes }: Member,
  target: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  // 'wx' neither follows a link nor replaces a file.
  const file = await open(target, 'wx').catch(writeFailed);
  try {
    const buffer = Buffer.allocUnsafe(Math.min(copyBytes, sizeBytes));
    for (let done = 0; done < sizeBytes;) {
      if (signal?.aborted) throw new AppError('aborted', 'Unpacking was cancelled');
      const { bytesRead } = await archive.read(buffer, 0, Math.min(buffer.length, sizeBytes - done), start + done);
      if (bytesRead === 0) throw new AppError('model.corrupt', 'The archive became shorter while it was read');
      await file.writeFile(buffer.subarray(0, bytesRead)).catch(writeFailed);
      done += bytesRead;
    }
  } finally {
    await file.close();
  }
}

function writeFailed(cause: unknown): never {
  throw AppError.from(cause);
}

/** @returns null if there is no number, or one in the binary form that only files of 8 GiB and more need */
function octal(header: Buffer, field: readonly [number, number]): number | null {
  const digits = text(header, field).trim();
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : null;
}

function text(header: Buffer, [from, to]: readonly [number, number]): string {
  const field = header.subarray(from, to);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? field.length : end);
}

function refused(archiveName: string, what: string): AppError {
  return new AppError('model.unsupported', `The archive ${archiveName} holds ${what}, which no model needs`);
}
