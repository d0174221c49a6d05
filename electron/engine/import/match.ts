/** @file Which picture of a dataset an entry of a file of labels means. */
import { stat } from 'node:fs/promises';
import { posix } from 'node:path';
import type { FileLabels } from '#core/label-import.ts';
import { namesOfFolders } from '../export/folder-names.ts';
import { readPicture } from '../picture-file.ts';
import type { LookedUp, PictureLookup } from '../store/picture-lookup.ts';
import { textIndex } from './text-index.ts';

export type Match = { picture: LookedUp; by: 'byPath' | 'byName' | 'byContent' } | { among: LookedUp[] };

/** The longest paths that systems know, in characters; a longer one means no file. */
const maxPathLength = 4096;
/** A path with more folders than this is tried no further. */
const maxDepth = 64;

/**
 * In this order; the first step that leaves exactly one picture decides:
 * 1. the path, in the folder the entry names, as an absolute path, or from where the file of labels lies;
 * 2. the path with the name of a chosen folder in front, as our own exports of several folders have it;
 * 3. the path relative to any chosen folder, then without its first folder, without its first two, and so on;
 * 4. the file name, among several of that name those whose path ends alike;
 * 5. the content, where the picture came along with the labels.
 * Each as written, then with composed and decomposed letters (NFC, NFD), which systems confuse. A name alone is not
 * believed when the picture came along and has another size.
 *
 * @param besides  absolute folder that the file of labels lies in
 */
export function openMatcher(lookup: PictureLookup, besides: string) {
  let names: ReturnType<typeof textIndex> | undefined;
  let hashes: ReturnType<typeof textIndex> | undefined;
  const folders = lookup.sources.map(({ id, folder }) => ({ id, start: `${withSlashes(folder).replace(/\/$/, '')}/` }));

  const called = [...namesOfFolders(lookup.sources.map(({ folder }) => folder)).values()].map((start, place) => ({
    id: lookup.sources[place]!.id,
    start,
  }));

  function byFolderName(path: string, withoutExtension: boolean): LookedUp[] {
    return called
      .filter(({ start }) => path.startsWith(start))
      .flatMap(({ id, start }) =>
        relative(path.slice(start.length), withoutExtension).filter(({ sourceId }) => sourceId === id),
      );
  }

  function inFolder(absolute: string, withoutExtension: boolean): LookedUp[] {
    const below = folders.filter(({ start }) => absolute.startsWith(start));
    return below.flatMap(({ id, start }) => {
      const path = absolute.slice(start.length);
      if (withoutExtension) return lookup.byStem(path).filter(({ sourceId }) => sourceId === id);
      return lookup.inSource(id, path) ?? [];
    });
  }

  function byAbsolutePath(path: string, folder: string | undefined, withoutExtension: boolean): LookedUp[] {
    const isAbsolute = /^(\/|[A-Za-z]:\/)/.test(path);
    if (isAbsolute) return inFolder(path, withoutExtension);
    if (folder !== undefined) {
      const found = inFolder(posix.join(withSlashes(folder), path), withoutExtension);
      if (found.length > 0) return found;
    }
    return inFolder(posix.join(withSlashes(besides), path), withoutExtension);
  }

  const relative = (path: string, withoutExtension: boolean) =>
    withoutExtension ? lookup.byStem(path) : lookup.byPath(path);

  function byTail(path: string, withoutExtension: boolean): LookedUp[] {
    let tail = path.replace(/^([A-Za-z]:)?(\.?\/)+/, '');
    for (let depth = 0; depth < maxDepth; depth++) {
      const found = relative(tail, withoutExtension);
      if (found.length > 0) return found;
      const slash = tail.indexOf('/');
      if (slash < 0) return [];
      tail = tail.slice(slash + 1);
    }
    return [];
  }

  function byName(path: string, withoutExtension: boolean): LookedUp[] {
    names ??= textIndex(nameKeys(lookup.names()));
    const key = nameKey(path.slice(path.lastIndexOf('/') + 1), withoutExtension);
    const found = names
      .candidates(key)
      .map((id) => lookup.byId(id))
      .filter((picture) => picture !== undefined)
      .filter(({ path: other }) => {
        const name = other.slice(other.lastIndexOf('/') + 1);
        return nameKey(withoutExtension ? withoutEnding(name) : name, withoutExtension) === key;
      });
    if (found.length < 2) return found;
    const written = path.slice(path.lastIndexOf('/') + 1);
    const exact = found.filter(({ path: other }) => {
      const name = other.slice(other.lastIndexOf('/') + 1);
      return (withoutExtension ? withoutEnding(name) : name) === written;
    });
    if (exact.length === 1) return exact;
    const alike = found.filter(({ path: other }) =>
      `/${withoutExtension ? withoutEnding(other) : other}`.endsWith(`/${path.replace(/^(\.?\/)+/, '')}`),
    );
    return alike.length > 0 ? alike : found;
  }

  async function byContent(file: string): Promise<LookedUp[]> {
    const { contentHash } = await readPicture(file).catch(() => ({ contentHash: undefined }));
    if (contentHash === undefined) return [];
    hashes ??= textIndex(lookup.hashes());
    return hashes
      .candidates(contentHash)
      .map((id) => lookup.byId(id))
      .filter((picture) => picture?.contentHash === contentHash)
      .filter((picture) => picture !== undefined);
  }

  /** Those that the picture beside the labels might be a copy of. */
  async function ofSize(found: LookedUp[], file: string | undefined): Promise<LookedUp[]> {
    if (file === undefined || found.length === 0) return found;
    const size = await stat(file).then(
      (stats) => stats.size,
      () => undefined,
    );
    return size === undefined ? found : found.filter(({ sizeBytes }) => sizeBytes === size);
  }

  return async function match({ file, folder, picture, withoutExtension = false }: FileLabels): Promise<Match> {
    let among: LookedUp[] = [];
    const settle = (found: LookedUp[], by: 'byPath' | 'byName' | 'byContent'): Match | undefined => {
      if (found.length === 1) return { picture: found[0]!, by };
      if (found.length > 1 && (among.length === 0 || found.length < among.length)) among = found;
      return undefined;
    };
    if (file.length > 0 && file.length <= maxPathLength) {
      for (const path of spellings(file)) {
        const settled =
          settle(byAbsolutePath(path, folder, withoutExtension), 'byPath') ||
          settle(await ofSize(byFolderName(path, withoutExtension), picture), 'byPath') ||
          settle(await ofSize(byTail(path, withoutExtension), picture), 'byPath');
        if (settled) return settled;
      }
      const named = settle(await ofSize(byName(withSlashes(file), withoutExtension), picture), 'byName');
      if (named) return named;
    }
    if (picture !== undefined) {
      const same = await byContent(picture);
      const settled = settle(same, 'byContent');
      if (settled) return settled;
    }
    return { among };
  };
}

/** As written first. */
function spellings(file: string): Set<string> {
  const spelled = [file, withSlashes(file)];
  return new Set([
    ...spelled,
    ...spelled.map((path) => path.normalize('NFC')),
    ...spelled.map((path) => path.normalize('NFD')),
  ]);
}

const withSlashes = (path: string) => path.replaceAll('\\', '/');
const withoutEnding = (name: string) => name.replace(/\.[^./]*$/, '');
const nameKey = (name: string, isStem: boolean) => `${isStem ? '?' : ''}${name.normalize('NFC').toLowerCase()}`;

/** Under the whole name, and under the name without its extension. */
function* nameKeys(names: Iterable<[number, string]>): Generator<[number, string]> {
  for (const [id, name] of names) {
    yield [id, nameKey(name, false)];
    yield [id, nameKey(withoutEnding(name), true)];
  }
}
