/**
 * @file JSON Lines: an object for each picture, as our own exports and Hugging Face's `metadata.jsonl` have them.
 *
 * A label with a score is a prediction, one without it a decision, unless `origin` says so. Decisions of a picture
 * silence predictions about it. A line that is no object, or names no picture, is invalid.
 */
import { basename } from 'node:path';
import { AppError } from '#core/errors.ts';
import type { FileLabels } from '#core/label-import.ts';
import type { ImportEntry, Importer } from './importer.ts';
import { parseJson } from './json-elements.ts';
import { isObject, memberOf, reviewIn, scoreIn, textIn, type JsonObject } from './json-values.ts';
import { isAbsolute, looksLikePicture } from './table-columns.ts';
import { markedEncoding, textPieces } from './table-text.ts';

const fileKeys = ['file_name', 'filename', 'file', 'image', 'image_path', 'path'];
const labelKeys = ['labels', 'label', 'category', 'class', 'class_name', 'categories', 'tags', 'classification'];
/** Longer than any honest line. */
const maxLineLetters = 16_000_000;

export const jsonl: Importer = {
  id: 'jsonl',
  title: 'JSON Lines',
  target: 'file',
  recognises({ name, text }) {
    const isNamed = /\.(jsonl|ndjson)$/.test(name);
    const [first = '', ...rest] = text.trimStart().split(/\r?\n/, 2);
    const value = parseJson(first);
    const isCut = value === undefined && rest.length === 0 && text.length > 10_000;
    if (!isObject(value)) return isNamed && first.startsWith('{') && isCut ? 0.6 : 0;
    if (fileOf(value) === undefined) return isNamed ? 0.3 : 0;
    return isNamed ? 0.9 : rest.length > 0 ? 0.7 : 0.3;
  },
  async *read(beginning, options) {
    const name = basename(beginning.path);
    const onBytes = (bytesRead: number) => options.onBytes(bytesRead);
    let pending = '';
    let line = 0;
    let unfinishedLetters = 0;
    for await (const piece of textPieces(beginning.path, markedEncoding(beginning.bytes), onBytes)) {
      pending += piece;
      // A long line is looked at again only when there is twice as much of it.
      if (pending.length < Math.min(2 * unfinishedLetters, maxLineLetters)) continue;
      let from = 0;
      for (let end = pending.indexOf('\n'); end >= 0; end = pending.indexOf('\n', from)) {
        yield* entriesOf(pending.slice(from, end), ++line);
        from = end + 1;
      }
      pending = pending.slice(from);
      unfinishedLetters = pending.length;
      if (pending.length <= maxLineLetters) continue;
      throw new AppError('input.invalid', `Line ${line + 1} of ${name} is longer than 16,000,000 letters`);
    }
    for (const text of pending.split('\n')) yield* entriesOf(text, ++line);
  },
};

function* entriesOf(text: string, line: number): Generator<ImportEntry> {
  if (text.trim() === '') return;
  const place = `line ${line}`;
  const value = parseJson(text);
  if (!isObject(value)) {
    yield { invalid: 'Not a JSON object', why: 'not-json', file: '', place };
    return;
  }
  const file = fileOf(value);
  if (file === undefined) {
    yield { invalid: 'No picture is named', why: 'no-file', file: '', place };
    return;
  }
  const labels = labelsIn(value);
  if (labels === undefined) {
    yield { invalid: 'Its labels are neither texts nor objects with a label', why: 'bad-label', file, place };
    return;
  }
  const folder = textIn(value, 'source');
  const base = {
    file,
    place,
    ...(folder !== undefined && isAbsolute(folder) ? { folder } : {}),
    ...(memberOf(value, 'file_name') === undefined && !looksLikePicture(file) ? { withoutExtension: true } : {}),
  };
  const decided = [...new Set(labels.filter(({ predicted }) => !predicted).map(({ label }) => label))];
  const review = reviewIn(value);
  if (decided.length > 0) {
    const kept = review === 'accepted' || review === 'corrected' ? review : null;
    yield { ...base, categories: decided, review: kept, predicted: false, score: null };
  } else if (labels.length === 0 || review === 'unsure' || review === 'skipped') {
    yield { ...base, categories: [], review, predicted: false, score: null };
  } else {
    yield* labels.map(({ label, score }): FileLabels => ({
      ...base,
      categories: [label],
      review,
      predicted: true,
      score,
    }));
  }
}

function fileOf(value: JsonObject): string | undefined {
  for (const key of fileKeys) {
    const file = textIn(value, key);
    if (file !== undefined) return file;
  }
  return undefined;
}

interface SaidLabel {
  label: string;
  predicted: boolean;
  score: number | null;
}

/** Of the first key that has any; undefined when one is no label. */
function labelsIn(value: JsonObject): SaidLabel[] | undefined {
  const ofPicture = scoreIn(value, 'score', 'confidence');
  for (const key of labelKeys) {
    const written = memberOf(value, key);
    if (written === undefined || written === null) continue;
    const labels = (Array.isArray(written) ? (written as unknown[]) : [written]).map((label) =>
      labelIn(label, ofPicture),
    );
    return labels.every((label) => label !== undefined) ? labels : undefined;
  }
  return [];
}

/** @param ofPicture  the score that the line gives for all of them */
function labelIn(written: unknown, ofPicture: number | null): SaidLabel | undefined {
  if (typeof written === 'number') return labelIn(String(written), ofPicture);
  if (typeof written === 'string') {
    return written.trim() === ''
      ? undefined
      : { label: written.toWellFormed(), predicted: ofPicture !== null, score: ofPicture };
  }
  if (!isObject(written)) return undefined;
  const label = textIn(written, 'label') ?? textIn(written, 'name');
  if (label === undefined) return undefined;
  const score = scoreIn(written, 'score', 'confidence');
  const origin = memberOf(written, 'origin');
  const predicted = origin === 'prediction' || (score !== null && origin !== 'decision');
  return { label, predicted, score: predicted ? score : null };
}
