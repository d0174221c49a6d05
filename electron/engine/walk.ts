/** @file Walk one chosen folder: regular files that may be pictures, and what could not be read. */
import { lstat, type Dirent, type Stats } from 'node:fs';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { ErrorCode } from '#core/errors.ts';
import { sniff } from './sniff.ts';

export interface FoundFile {
  /** Relative to the root, forward slashes. */
  path: string;
  name: string;
  sizeBytes: number;
  modifiedMs: number;
}

export interface Problem {
  /** Relative to the root, forward slashes; '.' for the root itself. */
  path: string;
  code: ErrorCode;
  message: string;
}

export type WalkStep = { files: FoundFile[]; problems: Problem[] };

export interface WalkOptions {
  /** Real paths of all chosen folders: links between them are repeats, links out of them are told. */
  roots: readonly string[];
  /** 'device:inode' of folders already walked; shared by the folders of one dataset, so that none is walked twice. */
  visited: Set<string>;
  signal?: AbortSignal;
}

/** A picture by its name; what it really is shows when it is decoded. Other files are asked for their first bytes. */
const pictureName =
  /\.(?:jpe?g|jfif|png|webp|gif|tiff?|avif|hei[cf]|bmp|dib|psd|jxl|jp2|j2k|3fr|arw|cr[23w]|dcr|dng|erf|fff|iiq|kdc|mef|mos|mrw|nef|nrw|orf|pef|raf|rw2|sr2|srf|srw)$/i;
/**
 * Beside photos by the thousand and never photos themselves (sidecars, films, their previews): not worth opening. So are
 * files of this app that are about to replace a photo.
 */
const otherName =
  /^\.labelwright-.*\.tmp$|\.(?:xmp|json|xml|aae|thm|db|ini|lnk|mp[34]|mov|avi|mkv|mts|m4[av]|wav|flac|labelwright)$/i;
/** Folders of systems and programs, never of people. */
const skippedFolder =
  /^(?:\.git|\.svn|\.thumbnails|\.Trash.*|\$RECYCLE\.BIN|System Volume Information|@eaDir|__MACOSX)$/;
const depthLimit = 128;
/** File facts asked for at the same time. */
const parallel = 64;

/**
 * Files in batches, depth first, in name order within a folder. Never follows a link, never throws for what is inside
 * the root.
 *
 * @param root  absolute, exists
 */
export async function* walk(root: string, options: WalkOptions): AsyncGenerator<WalkStep> {
  const stack: { folder: string; relative: string; depth: number }[] = [{ folder: root, relative: '', depth: 0 }];
  for (let next = stack.pop(); next; next = stack.pop()) {
    options.signal?.throwIfAborted();
    const { folder, relative, depth } = next;
    const shown = relative.slice(0, -1) || '.';
    let entries: Dirent<Buffer>[];
    try {
      const facts = await stat(folder, { bigint: true });
      const identity = `${facts.dev}:${facts.ino}`;
      if (options.visited.has(identity)) {
        yield problem(shown, 'folder.loop', 'This folder was already read under another name');
        continue;
      }
      options.visited.add(identity);
      // Bytes, not text: a name that is not UTF-8 would come back changed and could not be opened.
      entries = await readdir(folder, { withFileTypes: true, encoding: 'buffer' });
    } catch (cause) {
      yield problem(shown, 'folder.unreadable', reason(cause));
      continue;
    }

    const folders: typeof stack = [];
    const files: { name: string; path: string }[] = [];
    const problems: Problem[] = [];
    for (const entry of entries) {
      const name = entry.name.toString('utf8');
      const path = relative + name;
      if (!Buffer.from(name, 'utf8').equals(entry.name)) {
        problems.push({ path, code: 'file.bad-name', message: 'The name is not valid UTF-8' });
      } else if (entry.isSymbolicLink()) {
        const link = await linkProblem(join(folder, name), options.roots);
        if (link) problems.push({ path, ...link });
      } else if (entry.isDirectory()) {
        if (skippedFolder.test(name)) continue;
        if (depth >= depthLimit) problems.push({ path, code: 'folder.too-deep', message: `Over ${depthLimit} levels` });
        else folders.push({ folder: join(folder, name), relative: `${path}/`, depth: depth + 1 });
      } else if (entry.isFile()) {
        if (!name.startsWith('._') && !otherName.test(name)) files.push({ name, path });
      } else if (pictureName.test(name)) {
        problems.push({ path, code: 'file.not-regular', message: 'Not a regular file' });
      }
    }
    stack.push(...folders.sort((a, b) => (a.relative < b.relative ? 1 : -1)));
    files.sort((a, b) => (a.path < b.path ? -1 : 1));
    for (let at = 0; at < files.length || at === 0; at += parallel) {
      const part = files.slice(at, at + parallel).map((file) => ({ ...file, full: fullPath(folder, file.name) }));
      const facts = await factsOf(part.map(({ full }) => full));
      const looked = await Promise.all(part.map(async (file, place) => look(file, facts[place]!)));
      yield {
        files: looked.filter((result) => result !== undefined && !('code' in result)) as FoundFile[],
        problems: [
          ...(at === 0 ? problems : []),
          ...(looked.filter((result) => result && 'code' in result) as Problem[]),
        ],
      };
    }
  }
}

function fullPath(folder: string, name: string): string {
  return folder.endsWith(sep) ? folder + name : folder + sep + name;
}

/** One promise for all: one for each file would cost as much as asking. */
function factsOf(paths: readonly string[]): Promise<(Stats | NodeJS.ErrnoException)[]> {
  return new Promise((resolve) => {
    const facts: (Stats | NodeJS.ErrnoException)[] = [];
    let left = paths.length;
    if (left === 0) resolve(facts);
    for (const [place, path] of paths.entries()) {
      lstat(path, (error, found) => {
        facts[place] = error ?? found;
        if (--left === 0) resolve(facts);
      });
    }
  });
}

/** @returns undefined for a file that is no picture */
function look(
  { name, path, full }: { name: string; path: string; full: string },
  facts: Stats | NodeJS.ErrnoException,
): FoundFile | Problem | undefined | Promise<FoundFile | Problem | undefined> {
  if (facts instanceof Error) return notFound(path, facts);
  if (!facts.isFile()) return undefined;
  const found: FoundFile = { path, name, sizeBytes: facts.size, modifiedMs: Math.floor(facts.mtimeMs) };
  if (pictureName.test(name)) return found;
  return looksLikePicture(full).then(
    (isPicture) => (isPicture ? found : undefined),
    (cause: unknown) => notFound(path, cause),
  );
}

/** Gone since it was listed is no problem; not to be read is one. */
function notFound(path: string, cause: unknown): Problem | undefined {
  if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
  return { path, code: 'file.denied', message: reason(cause) };
}

async function looksLikePicture(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const bytes = Buffer.alloc(64);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0);
    const sniffed = sniff(bytes.subarray(0, bytesRead), path);
    return sniffed.is === 'picture' || (sniffed.is === 'unsupported' && /HEI[CF]|RAW|JPEG|BMP|PSD/.test(sniffed.kind));
  } finally {
    await file.close();
  }
}

/** A link inside the chosen folders is a repeat of what is found anyway; one that leads out is told, not followed. */
async function linkProblem(path: string, roots: readonly string[]): Promise<Omit<Problem, 'path'> | undefined> {
  let target: string;
  try {
    target = await realpath(path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ELOOP') return { code: 'folder.loop', message: 'A link that leads to itself' };
    return pictureName.test(path) ? { code: 'file.missing', message: 'A link to nothing' } : undefined;
  }
  const inside = roots.find((root) => target === root || target.startsWith(root.endsWith(sep) ? root : root + sep));
  if (!inside) return { code: 'file.link-outside', message: `A link out of the chosen folders, to ${target}` };
  const facts = await stat(target);
  return facts.isDirectory()
    ? { code: 'folder.loop', message: `A link to ${target}, which is read anyway` }
    : undefined;
}

function problem(path: string, code: ErrorCode, message: string): WalkStep {
  return { files: [], problems: [{ path, code, message }] };
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
