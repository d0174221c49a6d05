/** @file Files of any encoding as text, a piece at a time. */
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { AppError } from '#core/errors.ts';
import type { tableEncodings } from '#core/label-import.ts';

export type TextEncoding = (typeof tableEncodings)[number];

const pieceBytes = 32 * 1024;

/** What a byte order mark at the beginning says; without one UTF-8, which most formats demand. */
export function markedEncoding(beginning: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (beginning[0] === 0xff && beginning[1] === 0xfe) return 'utf-16le';
  return beginning[0] === 0xfe && beginning[1] === 0xff ? 'utf-16be' : 'utf-8';
}

/**
 * By its byte order mark; without one UTF-8 if all of the file is that, else windows-1252, in which every file is a
 * text.
 *
 * @param beginning  the first bytes of the file
 */
export async function encodingOf(path: string, beginning: Uint8Array): Promise<TextEncoding> {
  const marked = markedEncoding(beginning);
  if (marked !== 'utf-8') return marked;
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) decoder.decode(piece, { stream: true });
    decoder.decode();
    return 'utf-8';
  } catch (cause) {
    if (cause instanceof TypeError) return 'windows-1252';
    throw cause;
  }
}

/**
 * The text without its byte order mark.
 *
 * @param onBytes  told how much of the file is read
 * @throws {AppError} 'input.invalid' when it shall be UTF-8 and is not
 */
export async function* textPieces(
  path: string,
  encoding: TextEncoding,
  onBytes: (bytesRead: number) => void = () => {},
): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: encoding === 'utf-8' });
  let bytesRead = 0;
  try {
    for await (const piece of createReadStream(path, { highWaterMark: pieceBytes }) as AsyncIterable<Buffer>) {
      bytesRead += piece.length;
      yield decoder.decode(piece, { stream: true });
      onBytes(bytesRead);
    }
    yield decoder.decode();
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw cause;
    throw new AppError('input.invalid', `${basename(path)} is not UTF-8 text (before byte ${bytesRead})`, {
      cause,
      details: { path, byte: bytesRead },
    });
  }
}
