/** @file Pieces of JSON that are put together by hand, because there are millions of them. */
import { linesPerPiece } from './exporter.ts';

/** Lone surrogates, which UTF-8 cannot carry and `JSON.stringify` would write as escapes, become U+FFFD. */
export function jsonText(value: string): string {
  return JSON.stringify(value.toWellFormed());
}

/** Six digits: float32 carries about seven, and a shorter file diffs better. */
export function jsonScore(score: number): string {
  return String(Number(score.toFixed(6)));
}

/**
 * Entries of an array or object, one a line, in pieces; an empty entry leaves no trace.
 *
 * @param before  with the opening bracket
 * @param after   with the closing one
 */
export function* jsonEntries(before: string, entries: Iterable<string>, after: string): Generator<string> {
  let piece = before;
  let separator = '\n';
  let lines = 0;
  for (const entry of entries) {
    if (entry) {
      piece += separator;
      piece += entry;
      separator = ',\n';
    }
    if (++lines % linesPerPiece > 0) continue;
    yield piece;
    piece = '';
  }
  yield `${piece}${separator === '\n' ? '' : '\n'}${after}`;
}
