/**
 * @file Keywords of photos and of the sidecars beside them, below a chosen folder.
 *
 * Of a sidecar and its photo the sidecar holds if it has any keywords, as in digiKam and Immich. A hierarchical keyword
 * gives its last word; one that only leads to another (`animal` beside `animal|dog`) gives none. Flat words count only
 * where there are no hierarchical ones, because programs repeat the levels above among them.
 */
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { openExifTool } from '../keywords/exiftool.ts';
import { fieldFacts, type Fields } from '../keywords/words.ts';
import type { ImportBeginning, ImportEntry, Importer } from './importer.ts';

/** Files asked about in one request. */
const filesAtOnce = 100;
const depthLimit = 128;
const photoName =
  /\.(?:jpe?g|jfif|png|webp|gif|tiff?|avif|hei[cf]|jxl|3fr|arw|cr[23w]|dcr|dng|erf|iiq|kdc|mef|mos|mrw|nef|nrw|orf|pef|raf|rw2|sr2|srf|srw)$/i;

export const xmp: Importer = {
  id: 'xmp',
  title: 'Keywords (XMP)',
  target: 'folder',

  recognises({ names }) {
    if (names.some((name) => /\.xmp$/i.test(name))) return 0.6;
    return names.some((name) => photoName.test(name)) ? 0.1 : 0;
  },

  async *read({ path: root }: ImportBeginning, options): AsyncGenerator<ImportEntry> {
    await using tool = openExifTool();
    let read = 0;
    for await (const folder of foldersBelow(root)) {
      const pairs = pairsOf(folder.files);
      for (let at = 0; at < pairs.length; at += filesAtOnce) {
        const part = pairs.slice(at, at + filesAtOnce);
        const files = part.flatMap(({ sidecar, photo }) => [sidecar, photo].filter((name) => name !== undefined));
        const found = await readEach(files);
        for (const { sidecar, photo, file, withoutExtension } of part) {
          const place = folder.relative + (sidecar ?? photo)!;
          const inSidecar = sidecar === undefined ? undefined : found.get(sidecar);
          if (typeof inSidecar === 'string') yield { invalid: inSidecar, file: folder.relative + file, place };
          const words = wordsOf(inSidecar) ?? wordsOf(photo === undefined ? undefined : found.get(photo));
          if (!words) continue;
          yield {
            file: folder.relative + file,
            ...(withoutExtension && { withoutExtension }),
            folder: root,
            categories: words,
            review: null,
            predicted: false,
            score: null,
            place,
          };
        }
        options.onBytes((read += files.length));
      }

      async function readEach(names: readonly string[]): Promise<Map<string, Fields | string>> {
        const paths = names.map((name) => join(folder.path, name));
        try {
          const fields = await tool.read(paths);
          return new Map(names.map((name, place) => [name, fields[place]!]));
        } catch (thrown) {
          if ((thrown as { details?: Record<string, unknown> }).details?.['missing']) throw thrown;
          // One of them is odd: which one shows when each is asked alone.
          if (names.length === 1) return new Map([[names[0]!, (thrown as Error).message]]);
          const each = [];
          for (const name of names) each.push(...(await readEach([name])));
          return new Map(each);
        }
      }
    }
  },
};

interface Pair {
  sidecar: string | undefined;
  photo: string | undefined;
  /** The picture that is meant. */
  file: string;
  withoutExtension: boolean;
}

/** `photo.jpg.xmp` is of that photo; `photo.xmp` of whichever has the name. */
function pairsOf(names: readonly string[]): Pair[] {
  const sidecars = new Map(names.filter((name) => /\.xmp$/i.test(name)).map((name) => [name.slice(0, -4), name]));
  const pairs: Pair[] = [];
  const used = new Set<string>();
  for (const photo of names.filter((name) => photoName.test(name))) {
    const stem = [photo, photo.slice(0, photo.length - extname(photo).length)].find((one) => sidecars.has(one));
    if (stem !== undefined) used.add(stem);
    pairs.push({
      sidecar: stem === undefined ? undefined : sidecars.get(stem),
      photo,
      file: photo,
      withoutExtension: false,
    });
  }
  // Sidecars alone: the photos lie elsewhere.
  for (const [stem, sidecar] of sidecars) {
    if (!used.has(stem)) pairs.push({ sidecar, photo: undefined, file: stem, withoutExtension: !photoName.test(stem) });
  }
  return pairs;
}

/** @returns undefined without any keyword */
function wordsOf(fields: Fields | string | undefined): string[] | undefined {
  if (fields === undefined || typeof fields === 'string') return undefined;
  for (const name of ['digikam', 'lightroom', 'microsoft'] as const) {
    const paths = fields[name].map((word) => word.split(fieldFacts[name].separator).filter((level) => level !== ''));
    const leaves = paths.filter(
      (path) => !paths.some((other) => other.length > path.length && path.every((level, at) => level === other[at])),
    );
    const words = new Set(leaves.flatMap((path) => path.at(-1) ?? []));
    if (words.size > 0) return [...words];
  }
  return fields.subject.length > 0 ? fields.subject : undefined;
}

/** Links are not followed. */
async function* foldersBelow(root: string): AsyncGenerator<{ path: string; relative: string; files: string[] }> {
  const stack = [{ path: root, relative: '', depth: 0 }];
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { path, relative, depth } = next;
    const entries: Dirent[] = await readdir(path, { withFileTypes: true }).catch((cause: unknown) => {
      if (depth === 0) throw cause;
      return [];
    });
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    yield { path, relative, files: entries.filter((entry) => entry.isFile()).map(({ name }) => name) };
    for (const { name } of entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).reverse()) {
      if (depth < depthLimit) stack.push({ path: join(path, name), relative: `${relative}${name}/`, depth: depth + 1 });
    }
  }
}
