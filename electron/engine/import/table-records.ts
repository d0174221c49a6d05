/** @file The lines of a table, split into cells. */
import { basename } from 'node:path';
import { AppError } from '#core/errors.ts';
import type { TableMapping } from '#core/label-import.ts';
import { maxCategories } from './importer.ts';
import { textPieces } from './table-text.ts';

export interface TableRecord {
  /** Of the file, 1-based, where the record begins. */
  line: number;
  cells: string[];
}

/** One column per category and some more; a line with more cells is none of a table of labels. */
const maxColumns = maxCategories + 100;
/** A quote that is never closed swallows the rest of a file; no honest record is this long. */
const maxRecordLetters = 4_000_000;

const quote = 0x22;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * RFC 4180 with any line ends (CRLF, LF, CR). Empty lines are passed over; a quote inside a cell that does not begin with
 * one is a letter like others; lines may differ in their number of cells.
 *
 * @throws {AppError} 'input.invalid' for a quote that is not closed, a line that is too long or has too many cells, and text
 *   that is not of the encoding
 */
export async function* tableRecords(
  path: string,
  { encoding, delimiter }: Pick<TableMapping, 'encoding' | 'delimiter'>,
  onBytes?: (bytesRead: number) => void,
): AsyncGenerator<TableRecord> {
  const split = recordSplitter(delimiter);
  let pending = '';
  let line = 1;
  function* take(isEnd: boolean): Generator<TableRecord> {
    let from = 0;
    for (let found = split(pending, from, isEnd); found; found = split(pending, from, isEnd)) {
      from = found.end;
      const { cells } = found;
      if (cells.length > maxColumns) {
        throw refused(path, line, `has ${cells.length} columns; at most ${maxColumns} are read`);
      }
      if (cells.length > 1 || cells[0] !== '') yield { line, cells };
      line += found.lines;
    }
    pending = pending.slice(from);
  }
  let unfinishedLetters = 0;
  for await (const piece of textPieces(path, encoding, onBytes)) {
    pending += piece;
    // What is long is looked at again only when there is twice as much of it, or a long line would take for ever.
    if (pending.length < Math.min(2 * unfinishedLetters, maxRecordLetters)) continue;
    yield* take(false);
    unfinishedLetters = pending.length;
    if (pending.length > maxRecordLetters) {
      throw refused(path, line, 'is longer than 4,000,000 letters; perhaps a quote in it is not closed');
    }
  }
  yield* take(true);
  if (pending !== '') throw refused(path, line, 'begins a quoted cell that is never closed');
}

/**
 * @returns  a function that gives the record at `from`, where the next one begins and how many lines it takes; undefined
 *   when the text ends within it. What follows a closing quote belongs to the cell.
 */
function recordSplitter(delimiter: string) {
  const comma = delimiter.charCodeAt(0);

  return (text: string, from: number, isEnd: boolean) => {
    const cells: string[] = [];
    let lines = 1;
    let place = from;
    if (place === text.length) return undefined;
    for (;;) {
      let quoted = '';
      if (text.charCodeAt(place) === quote) {
        const close = closingQuote(text, place + 1);
        if (close < 0 || (close + 1 === text.length && !isEnd)) return undefined;
        quoted = text.slice(place + 1, close);
        if (quoted.includes('"')) quoted = quoted.replaceAll('""', '"');
        lines += lineEnds(quoted);
        place = close + 1;
      }
      let end = place;
      let code = text.charCodeAt(end);
      while (end < text.length && code !== comma && code !== lineFeed && code !== carriageReturn) {
        code = text.charCodeAt(++end);
      }
      // Whether CR stands alone is known only with the letter after it.
      if (!isEnd && (end === text.length || (code === carriageReturn && end + 1 === text.length))) return undefined;
      cells.push(quoted === '' ? text.slice(place, end) : quoted + text.slice(place, end));
      if (end === text.length) return { cells, end, lines };
      if (code !== comma) {
        const isPair = code === carriageReturn && text.charCodeAt(end + 1) === lineFeed;
        return { cells, end: end + (isPair ? 2 : 1), lines };
      }
      place = end + 1;
    }
  };
}

/** A doubled quote is one in the cell. */
function closingQuote(text: string, from: number): number {
  let close = text.indexOf('"', from);
  while (close >= 0 && text.charCodeAt(close + 1) === quote) close = text.indexOf('"', close + 2);
  return close;
}

function lineEnds(text: string): number {
  return text.includes('\n') || text.includes('\r') ? (text.match(/\r\n|\n|\r/g) ?? []).length : 0;
}

function refused(path: string, line: number, what: string): AppError {
  return new AppError('input.invalid', `Line ${line} of ${basename(path)} ${what}`, { details: { path, line } });
}
