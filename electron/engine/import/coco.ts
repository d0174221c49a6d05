/**
 * @file COCO JSON: what the annotations of an image say, boxes and whole pictures alike, are its labels.
 *
 * Rules:
 * - lists come in any order; one that is there twice is refused;
 * - an id is a whole number below 2^53, a fraction, or a text; "7" is the same as 7;
 * - images that share an id are invalid, for nobody knows which of them an annotation means; two categories with one id
 *   and different names are refused;
 * - an annotation with a score is a prediction, unless its attributes say otherwise, as in our own exports;
 * - decisions of an image silence predictions about it; each category counts once, with its best score.
 */
import { basename } from 'node:path';
import { AppError } from '#core/errors.ts';
import type { FileLabels } from '#core/label-import.ts';
import { cocoTables, type CocoId, type CocoLabel, type CocoTables } from './coco-tables.ts';
import type { ImportBeginning, ImportEntry, Importer } from './importer.ts';
import { jsonEvents } from './json-elements.ts';
import { checkCategoryCount, isObject, memberOf, scoreIn, textIn, type JsonObject } from './json-values.ts';

const lists = ['categories', 'images', 'images_without_size', 'annotations'] as const;
type List = (typeof lists)[number];
/** The longest paths that systems know. */
const maxFileLetters = 4096;
/** Different folders, of which a person chose each. */
const maxFolders = 10_000;

export const coco: Importer = {
  id: 'coco',
  title: 'COCO JSON',
  target: 'file',
  recognises({ text }) {
    // Results cannot be read, but who chose them should hear why.
    if (/^\s*\[\s*\{[^}]*"image_id"\s*:/.test(text)) return 0.5;
    if (!/^\s*\{/.test(text)) return 0;
    const hasImages = /"images"\s*:\s*\[/.test(text) && /"(?:file_name|id)"\s*:/.test(text);
    const hasAnnotations = /"annotations"\s*:\s*\[/.test(text) && /"(?:image_id|category_id)"\s*:/.test(text);
    return hasImages || hasAnnotations ? 0.9 : /"(?:images|annotations)"\s*:\s*\[/.test(text) ? 0.5 : 0;
  },
  async *read(beginning, options) {
    const file = openFile(beginning);
    const onBytes = (bytesRead: number) => options.onBytes(bytesRead);
    yield* file.pass(lists, onBytes);
    // Annotations that came before the images they are about.
    if (file.hasWaiting()) yield* file.pass(['annotations'], onBytes);
    yield* file.entries();
  },
};

function openFile(beginning: ImportBeginning) {
  const tables = cocoTables();
  const categories = openCategories(beginning);
  const seen = new Set<string>();
  let isWaiting = false;

  function start(name: string | null, kind: string): void {
    if (!isList(name)) return;
    if (kind !== 'list') throw refused(beginning, `has something else than a list for "${name}"`);
    if (seen.has(name)) throw refused(beginning, `has "${name}" twice`);
    seen.add(name);
    if (name === 'annotations') isWaiting = !seen.has('images');
  }

  function take(list: List, value: unknown, index: number): ImportEntry | undefined {
    if (list === 'categories') {
      categories.add(value, index);
      return undefined;
    }
    if (list === 'annotations') return isWaiting ? undefined : annotation(value, index);
    return image(value, index, list === 'images_without_size');
  }

  function image(value: unknown, index: number, isUnsized: boolean): ImportEntry | undefined {
    const place = `image ${index + 1}`;
    const file = isObject(value) ? textIn(value, 'file_name') : undefined;
    const invalid = (reason: string) => ({ invalid: reason, file: file?.slice(0, maxFileLetters) ?? '', place });
    if (!isObject(value)) return invalid('Not a JSON object');
    if (file === undefined) return invalid('No file_name');
    if (file.length > maxFileLetters) return invalid(`A file_name of ${file.length} letters`);
    const id = isUnsized ? undefined : idIn(value, 'id');
    if (!isUnsized && id === undefined) return invalid('No id that can be told from others');
    const folder = textIn(value, 'source') ?? '';
    const folders = tables.folders();
    if (folders.length >= maxFolders && !folders.includes(folder)) throw refused(beginning, 'names too many folders');
    const last = tables.count() - 1;
    const isAgain = isUnsized && last >= 0 && tables.file(last) === file && tables.folder(last) === folder;
    const picture = isAgain ? last : tables.addPicture(id, file, folder);
    if (isUnsized && memberOf(value, 'category_id') !== undefined) tables.addLabel(picture, label(value));
    return undefined;
  }

  function annotation(value: unknown, index: number): ImportEntry | undefined {
    const place = `annotation ${index + 1}`;
    if (!isObject(value)) return { invalid: 'Not a JSON object', file: '', place };
    const id = idIn(value, 'image_id');
    const picture = id === undefined ? -1 : tables.find(id);
    if (picture < 0) return { invalid: `Its image ${id ?? ''} is not in the file`.replace('  ', ' '), file: '', place };
    tables.addLabel(picture, label(value));
    return undefined;
  }

  function label(value: JsonObject): CocoLabel {
    const attributes = memberOf(value, 'attributes');
    const source = isObject(attributes) ? memberOf(attributes, 'source') : undefined;
    const hasScore = typeof memberOf(value, 'score') === 'number';
    const predicted = source === 'prediction' || (hasScore && source !== 'decision');
    return { category: categories.numberOf(value), predicted, score: predicted ? scoreIn(value, 'score') : null };
  }

  return {
    hasWaiting: () => isWaiting,
    async *pass(wanted: readonly List[], onBytes: (bytesRead: number) => void): AsyncGenerator<ImportEntry> {
      const isAgain = isWaiting;
      if (isAgain) isWaiting = false;
      for await (const event of jsonEvents(beginning, new Set([...wanted, null]), onBytes)) {
        if (event.is === 'begin' && !isAgain) start(event.name, event.kind);
        if (event.is === 'element' && event.name === null) throw bareList(beginning, event.value);
        if (event.is === 'end' && event.name === null) throw bareList(beginning, undefined);
        if (event.is !== 'element' || !isList(event.name)) continue;
        const entry = take(event.name, event.value, event.index);
        if (entry) yield entry;
      }
      if (!seen.has('images') && !seen.has('images_without_size')) throw refused(beginning, 'has no list of images');
    },
    *entries(): Generator<ImportEntry> {
      const withoutPrefix = prefixRemover(tables);
      for (let picture = 0; picture < tables.count(); picture++) {
        const place = `image ${picture + 1}`;
        const folder = tables.folder(picture);
        const file = withoutPrefix(tables.file(picture), folder);
        if (tables.isShared(picture)) {
          yield { invalid: 'Several images of the file have its id', file, place };
          continue;
        }
        const labels = tables.labels(picture);
        const unknown = labels.find(({ category }) => categories.name(category) === undefined);
        if (unknown)
          yield { invalid: `Its category ${categories.id(unknown.category)} is not in the file`, file, place };
        yield* said(labels, { file, place, ...(folder === '' ? {} : { folder }) });
      }
    },
  };

  function* said(
    labels: readonly CocoLabel[],
    base: Pick<FileLabels, 'file' | 'folder' | 'place'>,
  ): Generator<FileLabels> {
    const named = labels.flatMap(({ category, ...rest }) => {
      const name = categories.name(category);
      return name === undefined ? [] : [{ name, ...rest }];
    });
    const decided = new Set(named.filter(({ predicted }) => !predicted).map(({ name }) => name));
    if (decided.size > 0 || named.length === 0) {
      yield { ...base, categories: [...decided], review: null, predicted: false, score: null };
      return;
    }
    const best = new Map<string, number | null>();
    for (const { name, score } of named.toSorted((a, b) => (b.score ?? 0) - (a.score ?? 0))) {
      if (!best.has(name)) best.set(name, score);
    }
    for (const [name, score] of best) yield { ...base, categories: [name], review: null, predicted: true, score };
  }
}

/** Categories by the order in which anything named them; those the file does not describe have no name. */
function openCategories(beginning: ImportBeginning) {
  const numbers = new Map<CocoId, number>();
  const ids: CocoId[] = [];
  const names: (string | undefined)[] = [];
  function numberOf(id: CocoId): number {
    let number = numbers.get(id);
    if (number === undefined) {
      number = ids.push(id) - 1;
      checkCategoryCount(ids.length);
      numbers.set(id, number);
    }
    return number;
  }
  return {
    add(value: unknown, index: number): void {
      const id = isObject(value) ? idIn(value, 'id') : undefined;
      const written = isObject(value) ? memberOf(value, 'name') : undefined;
      const name = typeof written === 'number' ? String(written) : isObject(value) ? textIn(value, 'name') : undefined;
      if (id === undefined || name === undefined)
        throw refused(beginning, `has no id or name for category ${index + 1}`);
      const number = numberOf(id);
      const before = names[number];
      if (before !== undefined && before !== name) {
        throw refused(beginning, `gives the id ${id} to two categories, ${before} and ${name}`);
      }
      names[number] = name;
    },
    numberOf: (value: JsonObject) => numberOf(idIn(value, 'category_id') ?? '?'),
    name: (number: number) => names[number],
    id: (number: number) => ids[number]!,
  };
}

function isList(name: string | null): name is List {
  return (lists as readonly (string | null)[]).includes(name);
}

/** Undefined for a number that JSON cannot carry exactly, and for what is neither number nor text. */
function idIn(object: JsonObject, key: string): CocoId | undefined {
  const value = memberOf(object, key);
  if (typeof value === 'number') return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : undefined;
  if (typeof value !== 'string' || value === '') return undefined;
  return /^(?:0|-?[1-9]\d{0,14})$/.test(value) ? Number(value) : value;
}

/**
 * In our own exports of several folders each path begins with the name of its folder, which is made unique (`-2`); that
 * is no folder on the disk.
 */
function prefixRemover(tables: CocoTables): (file: string, folder: string) => string {
  const folders = tables.folders();
  if (folders.length < 2 || folders.includes('')) return (file) => file;
  const names = new Map(folders.map((folder) => [folder, baseName(folder)]));
  return (file, folder) => {
    const slash = file.indexOf('/');
    const name = names.get(folder)!;
    const first = file.slice(0, slash);
    const isOurs = first === name || (first.startsWith(`${name}-`) && /^\d+$/.test(first.slice(name.length + 1)));
    return slash > 0 && isOurs ? file.slice(slash + 1) : file;
  };
}

/** As the exporter names a folder. */
function baseName(folder: string): string {
  return (/[^\\/]*$/.exec(folder.replace(/[\\/]+$/, '')) ?? [''])[0].replaceAll(':', '') || 'root';
}

function bareList(beginning: ImportBeginning, first: unknown): AppError {
  const isResults = isObject(first) && memberOf(first, 'image_id') !== undefined;
  return refused(
    beginning,
    isResults
      ? 'is a COCO results file: it names images by numbers that only the COCO file of the same export explains'
      : 'is a list; a COCO file is an object with lists of images, annotations and categories',
  );
}

function refused({ path }: ImportBeginning, what: string): AppError {
  return new AppError('input.invalid', `${basename(path)} ${what}`, { details: { path } });
}
