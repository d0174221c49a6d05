/**
 * @file `labels.json` of FiftyOne's `FiftyOneImageClassificationDataset`.
 *
 * Source of the format: FiftyOne's user guide on dataset formats. With `classes` a label is a number of one of them,
 * without them a name; a list says that there may be several, null that there is none. Rules: a label with a confidence
 * is a prediction, unless its attributes say otherwise, as in our own exports; decisions silence predictions.
 */
import { basename } from 'node:path';
import { AppError } from '#core/errors.ts';
import type { FileLabels } from '#core/label-import.ts';
import type { ImportBeginning, ImportEntry, Importer } from './importer.ts';
import { jsonEvents } from './json-elements.ts';
import { checkCategoryCount, isObject, memberOf, scoreIn, textIn } from './json-values.ts';
import { looksLikePicture } from './table-columns.ts';

interface Target {
  label: string;
  predicted: boolean;
  score: number | null;
  /** From our own exports, where every name lacks its extension. */
  isOwn: boolean;
}

export const fiftyone: Importer = {
  id: 'fiftyone',
  title: 'FiftyOne labels.json',
  target: 'file',
  recognises({ text }) {
    if (!/^\s*\{/.test(text)) return 0;
    if (/"classes"\s*:\s*(?:\[|null)/.test(text) && /"labels"\s*:\s*\{/.test(text)) return 0.95;
    // A long list of classes may fill the beginning.
    const isClasses = /^\s*\{\s*"classes"\s*:\s*\[/.test(text) && !text.includes('"images"');
    return /^\s*\{\s*"labels"\s*:\s*\{/.test(text) ? 0.8 : isClasses ? 0.6 : 0;
  },
  async *read(beginning, options) {
    const classes = await readClasses(beginning);
    let index = 0;
    let hasLabels = false;
    for await (const event of jsonEvents(beginning, new Set(['labels']), (bytesRead) => options.onBytes(bytesRead))) {
      if (event.is === 'begin' && event.name === 'labels') {
        if (event.kind !== 'object') throw refused(beginning, 'has something else than an object for "labels"');
        if (hasLabels) throw refused(beginning, 'has "labels" twice');
        hasLabels = true;
      }
      if (event.is === 'element') yield* entriesOf(event.key!, event.value, classes, `label ${++index}`);
    }
    if (!hasLabels) throw refused(beginning, 'has no "labels"');
  },
};

/** They may stand behind the labels. */
async function readClasses(beginning: ImportBeginning): Promise<readonly string[]> {
  const classes: string[] = [];
  for await (const event of jsonEvents(beginning, new Set(['classes']))) {
    if (event.is === 'end' && event.name === 'classes') break;
    if (event.is !== 'element') continue;
    if (typeof event.value !== 'string') throw refused(beginning, `has no name for class ${event.index}`);
    classes.push(event.value.toWellFormed());
    checkCategoryCount(classes.length);
  }
  return classes;
}

function* entriesOf(key: string, value: unknown, classes: readonly string[], place: string): Generator<ImportEntry> {
  const file = key.toWellFormed();
  if (file.trim() === '') {
    yield { invalid: 'No picture is named', why: 'no-file', file, place };
    return;
  }
  const targets: Target[] = [];
  for (const written of Array.isArray(value) ? (value as unknown[]) : [value]) {
    if (written === null) continue;
    const target = targetOf(written, classes);
    if (typeof target === 'string') {
      yield { invalid: target, file, place };
      return;
    }
    targets.push(target);
  }
  // Elsewhere a name may have its extension after all.
  const isWhole = looksLikePicture(file) && !targets.some(({ isOwn }) => isOwn);
  const base = { file, place, ...(isWhole ? {} : { withoutExtension: true }) };
  const decided = targets.filter(({ predicted }) => !predicted);
  if (decided.length > 0 || targets.length === 0) {
    const categories = [...new Set(decided.map(({ label }) => label))];
    yield { ...base, categories, review: null, predicted: false, score: null };
  } else {
    yield* targets.map(({ label, score }): FileLabels => ({
      ...base,
      categories: [label],
      review: null,
      predicted: true,
      score,
    }));
  }
}

/** @returns  a sentence when it is no label */
function targetOf(written: unknown, classes: readonly string[]): Target | string {
  const isFull = isObject(written);
  const value = isFull ? memberOf(written, 'label') : written;
  let label: string | undefined;
  if (typeof value === 'number') {
    label = classes[value];
    if (label === undefined) return `There is no class ${value}; the file has ${classes.length}`;
  } else if (typeof value === 'string' && value.trim() !== '') {
    label = value.toWellFormed();
  }
  if (label === undefined) return 'The label is neither a number of a class nor a name';
  if (!isFull) return { label, predicted: false, score: null, isOwn: false };
  const score = scoreIn(written, 'confidence');
  const attributes = memberOf(written, 'attributes');
  const origin = isObject(attributes) ? textIn(attributes, 'origin') : undefined;
  const predicted = origin === 'prediction' || (score !== null && origin !== 'decision');
  return { label, predicted, score: predicted ? score : null, isOwn: origin !== undefined };
}

function refused({ path }: ImportBeginning, what: string): AppError {
  return new AppError('input.invalid', `${basename(path)} ${what}`, { details: { path } });
}
