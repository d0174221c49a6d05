/** @file What one task of a Label Studio export says. */
import type { FileLabels } from '#core/label-import.ts';
import type { ImportEntry } from './importer.ts';
import { isObject, memberOf, reviewIn, scoreIn, textIn, type JsonObject } from './json-values.ts';
import { looksLikePicture } from './table-columns.ts';

/** What JSON-MIN has beside the data and the labels. */
const minKeys = new Set(
  'id annotator annotation_id created_at updated_at lead_time project image file_name review'.split(' '),
);
/** Names people give to the control, where a text alone does not say that it is one. */
const labelKeys = ['label', 'choice', 'class', 'category', 'labels', 'choices', 'classification', 'tag', 'tags'];

/** @param place  of the task, for a person */
export function* entriesOf(value: unknown, place: string): Generator<ImportEntry> {
  if (!isObject(value)) {
    yield { invalid: 'Not a JSON object', why: 'not-json', file: '', place };
    return;
  }
  const written = memberOf(value, 'data');
  const data = isObject(written) ? written : value;
  const address = addressIn(data);
  if (address === undefined) {
    yield { invalid: 'Nothing in its data looks like a picture', file: '', place };
    return;
  }
  const file = pictureOf(address);
  const base = { file, place, ...(looksLikePicture(file) || file !== address ? {} : { withoutExtension: true }) };
  if (data === value) {
    yield { ...base, categories: minLabels(value), review: null, predicted: false, score: null };
    return;
  }
  const review = reviewIn(data);
  const nothing: FileLabels = { ...base, categories: [], review, predicted: false, score: null };
  const annotations = objectsIn(value, 'annotations') ?? objectsIn(value, 'completions') ?? [];
  const kept = annotations.findLast((annotation) => memberOf(annotation, 'was_cancelled') !== true);
  if (kept) {
    const said = review === 'accepted' || review === 'corrected' ? review : null;
    yield { ...nothing, categories: choicesIn(kept), review: said };
  } else if (annotations.length > 0) {
    // Everybody who saw the task passed over it.
    yield { ...nothing, review: 'skipped' };
  } else {
    const predictions = predictionsIn(value);
    const isPutOff = review === 'unsure' || review === 'skipped' || predictions.length === 0;
    if (isPutOff) yield nothing;
    else for (const { label, score } of predictions) yield { ...nothing, categories: [label], predicted: true, score };
  }
}

/** Best first, each label once. */
function predictionsIn(task: JsonObject): { label: string; score: number | null }[] {
  const all = (objectsIn(task, 'predictions') ?? []).flatMap((prediction) => {
    const score = scoreIn(prediction, 'score');
    return choicesIn(prediction).map((label) => ({ label, score }));
  });
  const best = new Map<string, number | null>();
  for (const { label, score } of all.toSorted((a, b) => (b.score ?? 0) - (a.score ?? 0))) {
    if (!best.has(label)) best.set(label, score);
  }
  return [...best].map(([label, score]) => ({ label, score }));
}

/** Of all controls, whatever they are called. */
function choicesIn(annotation: JsonObject): string[] {
  const labels = (objectsIn(annotation, 'result') ?? []).flatMap((result) => {
    const value = memberOf(result, 'value');
    return memberOf(result, 'type') === 'choices' && isObject(value) ? textsIn(memberOf(value, 'choices')) : [];
  });
  return [...new Set(labels)];
}

/** JSON-MIN: the control's name is the key; one choice is a text, several are `{choices: […]}` or a list. */
function minLabels(task: JsonObject): string[] {
  const others = Object.keys(task).filter((key) => !minKeys.has(key));
  const labels = others.flatMap((key) => {
    const value = memberOf(task, key);
    return isObject(value) ? textsIn(memberOf(value, 'choices')) : [];
  });
  if (labels.length > 0) return [...new Set(labels)];
  const key = labelKeys.find((known) => others.includes(known));
  const texts = others.filter((other) => {
    const value = memberOf(task, other);
    return typeof value === 'string' && !looksLikePicture(value);
  });
  const chosen = key ?? (texts.length === 1 ? texts[0] : undefined);
  return chosen === undefined ? [] : [...new Set(textsIn(memberOf(task, chosen)))];
}

function textsIn(value: unknown): string[] {
  const all = Array.isArray(value) ? (value as unknown[]) : [value];
  return all
    .filter((text) => typeof text === 'string' && text.trim() !== '')
    .map((text) => (text as string).toWellFormed());
}

function objectsIn(object: JsonObject, key: string): JsonObject[] | undefined {
  const value = memberOf(object, key);
  return Array.isArray(value) ? (value as unknown[]).filter((one) => isObject(one)) : undefined;
}

/** The first value that looks like a picture or its address; `image` may look like anything. */
function addressIn(data: JsonObject): string | undefined {
  const image = textIn(data, 'image');
  if (image !== undefined) return image;
  for (const key of Object.keys(data)) {
    const text = textIn(data, key);
    if (text !== undefined && (isLocal(text) || looksLikePicture(text))) return text;
  }
  return undefined;
}

const localFiles = '/data/local-files/?d=';
const isLocal = (address: string) => address.includes(localFiles);

/**
 * The path in an address of Label Studio. Source: its guides on local files (`/data/local-files/?d=` and a path) and on
 * uploads (`/data/upload/<project>/` and eight hexadecimal digits before the name), and its addresses of cloud storage.
 */
export function pictureOf(address: string): string {
  if (isLocal(address)) return decoded(address.slice(address.indexOf(localFiles) + localFiles.length));
  const upload = /\/upload\/(?:\d+\/)?(?:[0-9a-f]{8}-)?([^/]+)$/.exec(address);
  if (upload) return decoded(upload[1]!.replace(/[?#].*$/, ''));
  const remote = /^(?:https?|s3|gs|azure-blob):\/\/[^/]*\/(.*)$/.exec(address);
  return remote ? decoded(remote[1]!.replace(/[?#].*$/, '')) : address;
}

/** As it is where it was not encoded. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
