/**
 * @file JSON files of any length, one element at a time.
 *
 * Every format of labels is a list, or an object with lists or objects in it, that hold millions of small things. Here
 * only their ends are looked for; each thing is parsed by itself, so one that is wrong spoils no other.
 */
import { basename } from 'node:path';
import { AppError } from '#core/errors.ts';
import type { ImportBeginning } from './importer.ts';
import { markedEncoding, textPieces } from './table-text.ts';

export type JsonEvent =
  /** A member of the outermost object begins, or the outermost list, which has no name. */
  | { is: 'begin'; name: string | null; kind: 'list' | 'object' | 'value' }
  /** A thing in it, in the order of the file; of an object with its key. A value of `undefined`: it is no JSON. */
  | { is: 'element'; name: string | null; index: number; key: string | null; value: unknown }
  | { is: 'end'; name: string | null };

/** Deeper than polygons with holes in them in attributes of attributes. */
const maxDepth = 64;
/** Longer than any outline of a thing in a picture. */
const maxElementLetters = 16_000_000;

/**
 * @param wanted  names of members whose elements are wanted; others are passed over
 * @throws {AppError} 'input.invalid' when the outermost is neither list nor object, when it ends in the middle, when an
 *   element is nested deeper than 64 or longer than 16,000,000 letters
 */
export async function* jsonEvents(
  { path, bytes }: ImportBeginning,
  wanted: ReadonlySet<string | null>,
  onBytes?: (bytesRead: number) => void,
): AsyncGenerator<JsonEvent> {
  const splitter = openSplitter(basename(path), wanted);
  for await (const piece of textPieces(path, markedEncoding(bytes), onBytes)) {
    yield* splitter.take(piece, false);
  }
  yield* splitter.take('', true);
}

/** @returns undefined if it is no JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function openSplitter(fileName: string, wanted: ReadonlySet<string | null>) {
  let pending = '';
  let passedLetters = 0;
  let unfinishedLetters = 0;
  /** In the outermost object, in one of its members or the outermost list, or nowhere. */
  let level: 'before' | 'members' | 'elements' | 'after' = 'before';
  let expects: 'first' | 'comma' | 'next' = 'first';
  let isOuterList = false;
  let isList = false;
  let name: string | null = null;
  let index = 0;

  function refuse(what: string, place: number): AppError {
    return new AppError('input.invalid', `${fileName} ${what} (character ${passedLetters + place + 1})`, {
      details: { fileName, character: passedLetters + place + 1 },
    });
  }

  /** What begins at `place`: undefined if the text ends within it; no event if there is nothing to tell. */
  function step(place: number, isEnd: boolean): { end: number; event?: JsonEvent } | undefined {
    const sign = pending[place]!;
    if (level === 'before') {
      if (sign !== '{' && sign !== '[') throw refuse('is no JSON list or object', place);
      expects = 'first';
      if (sign === '{') {
        level = 'members';
        return { end: place + 1 };
      }
      isOuterList = true;
      return { end: place + 1, event: begin(null, 'list') };
    }
    if (level === 'after') throw refuse('goes on after its end', place);
    const closing = level === 'members' ? '}' : isList ? ']' : '}';
    if (sign === closing && expects !== 'next') return { end: place + 1, ...close() };
    if (sign === ',' && expects === 'comma') {
      expects = 'next';
      return { end: place + 1 };
    }
    if (expects === 'comma') throw refuse('is not valid JSON', place);
    return level === 'elements' && isList ? element(place, null, isEnd) : member(place, isEnd);
  }

  function begin(of: string | null, kind: 'list' | 'object'): JsonEvent {
    level = 'elements';
    expects = 'first';
    isList = kind === 'list';
    name = of;
    index = 0;
    return { is: 'begin', name, kind };
  }

  function close(): { event?: JsonEvent } {
    const isOuter = level === 'members';
    level = isOuter || isOuterList ? 'after' : 'members';
    expects = 'comma';
    return isOuter ? {} : { event: { is: 'end', name } };
  }

  function member(place: number, isEnd: boolean) {
    if (pending[place] !== '"') throw refuse('is not valid JSON', place);
    const keyEnd = stringEnd(pending, place);
    if (keyEnd < 0) return undefined;
    const colon = skipBlanks(pending, keyEnd);
    const valueAt = skipBlanks(pending, colon + 1);
    if (valueAt >= pending.length) return undefined;
    const key = parseJson(pending.slice(place, keyEnd));
    if (pending[colon] !== ':' || typeof key !== 'string') throw refuse('is not valid JSON', place);
    if (level === 'elements') return element(valueAt, key, isEnd);
    const sign = pending[valueAt];
    if (sign === '[' || sign === '{') return { end: valueAt + 1, event: begin(key, sign === '[' ? 'list' : 'object') };
    const end = valueEnd(valueAt, isEnd);
    if (end < 0) return undefined;
    expects = 'comma';
    return { end, event: { is: 'begin', name: key, kind: 'value' } satisfies JsonEvent };
  }

  function element(place: number, key: string | null, isEnd: boolean) {
    const end = valueEnd(place, isEnd);
    if (end < 0) return undefined;
    expects = 'comma';
    if (!wanted.has(name)) return { end };
    const value = parseJson(pending.slice(place, end));
    return { end, event: { is: 'element', name, index: index++, key, value } satisfies JsonEvent };
  }

  /** After the value at `place`; -1 if the text ends within it. */
  function valueEnd(place: number, isEnd: boolean): number {
    let depth = 0;
    for (let at = place; at < pending.length; at++) {
      const code = pending.charCodeAt(at);
      if (code === 0x22) {
        const end = stringEnd(pending, at);
        if (end < 0) return -1;
        if (depth === 0) return end;
        at = end - 1;
      } else if (code === 0x7b || code === 0x5b) {
        if (++depth > maxDepth) throw refuse(`is nested deeper than ${maxDepth}`, at);
      } else if (code === 0x7d || code === 0x5d) {
        if (depth === 0) return endOfWord(place, at);
        if (--depth === 0) return at + 1;
      } else if (depth === 0 && (code === 0x2c || isBlank(code))) {
        return endOfWord(place, at);
      }
    }
    return isEnd && depth === 0 ? endOfWord(place, pending.length) : -1;
  }

  function endOfWord(from: number, to: number): number {
    if (from === to) throw refuse('is not valid JSON', from);
    return to;
  }

  return {
    *take(piece: string, isEnd: boolean): Generator<JsonEvent> {
      pending += piece;
      // What is long is looked at again only when there is twice as much of it, or a long entry would take for ever.
      if (!isEnd && pending.length < Math.min(2 * unfinishedLetters, maxElementLetters)) return;
      let place = skipBlanks(pending, 0);
      while (place < pending.length) {
        const found = step(place, isEnd);
        if (!found) break;
        place = skipBlanks(pending, found.end);
        if (found.event) yield found.event;
      }
      if (isEnd && (place < pending.length || level !== 'after')) throw refuse('ends in the middle', pending.length);
      pending = pending.slice(place);
      passedLetters += place;
      unfinishedLetters = pending.length;
      if (pending.length > maxElementLetters) throw refuse('has an entry of more than 16,000,000 letters', 0);
    },
  };
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function skipBlanks(text: string, from: number): number {
  let place = from;
  while (place < text.length && isBlank(text.charCodeAt(place))) place++;
  return place;
}

/** After the closing quote of the string at `from`; -1 if it is not there. */
function stringEnd(text: string, from: number): number {
  for (let close = text.indexOf('"', from + 1); close >= 0; close = text.indexOf('"', close + 1)) {
    let before = close - 1;
    while (text.charCodeAt(before) === 0x5c) before--;
    if ((close - before) % 2 === 1) return close + 1;
  }
  return -1;
}
