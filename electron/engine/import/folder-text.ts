/** @file Lines of a text file, read in pieces. */
import { createReadStream } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { basename } from 'node:path';
import { AppError } from '#core/errors.ts';
import { markedEncoding } from './table-text.ts';

export interface TextLine {
  text: string;
  /** 1-based. */
  number: number;
}

/** A longer line is no line of a list. */
const longestLine = 1024 * 1024;

/**
 * UTF-8, or UTF-16 with a byte order mark; lines end in LF or CRLF, and empty ones are passed over.
 *
 * @param path  absolute; a regular file, for a link may lead anywhere
 * @throws {AppError} 'input.invalid' for what is no such text or no regular file
 */
export async function* textLines(path: string, onBytes?: (bytesRead: number) => void): AsyncGenerator<TextLine> {
  let number = 0;
  let rest = '';
  for await (const text of textPieces(path, onBytes)) {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    if (rest.length > longestLine) throw invalid(path, `line ${number + lines.length + 1} is far too long`);
    for (const line of lines) {
      number++;
      const ended = line.endsWith('\r') ? line.slice(0, -1) : line;
      if (ended.trim()) yield { text: ended, number };
    }
  }
  if (rest.trim()) yield { text: rest, number: number + 1 };
}

/** The text as it comes from the disk, without a byte order mark. As `textLines`. */
export async function* textPieces(path: string, onBytes?: (bytesRead: number) => void): AsyncGenerator<string> {
  const stats = await lstat(path).catch((cause: Error) => {
    throw new AppError('input.invalid', `${basename(path)} cannot be read: ${cause.message}`, { cause });
  });
  if (!stats.isFile()) throw invalid(path, 'it is not a regular file');
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  let bytesRead = 0;
  try {
    for await (const bytes of createReadStream(path) as AsyncIterable<Buffer>) {
      decoder ??= new TextDecoder(markedEncoding(bytes), { fatal: true });
      bytesRead += bytes.length;
      yield decoder.decode(bytes, { stream: true });
      onBytes?.(bytesRead);
    }
    yield decoder?.decode() ?? '';
  } catch (cause) {
    if (cause instanceof TypeError) throw invalid(path, 'it is not UTF-8 text; save it as UTF-8 first', cause);
    throw cause;
  }
}

export function invalid(path: string, why: string, cause?: unknown): AppError {
  return new AppError('input.invalid', `${basename(path)} cannot be read: ${why}`, { details: { path }, cause });
}
