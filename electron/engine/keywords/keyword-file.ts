/** @file The new version of one sidecar or photo, complete beside the old one. */
import { chmod, lstat, open, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { promisify } from 'node:util';
import { deflate, inflate } from 'node:zlib';
import { AppError } from '#core/errors.ts';
import type { KeywordPlace } from '#core/keywords.ts';
import { exportError, replaceableMode, temporaryIn } from '../export/write-file.ts';
import { readPicture, type PictureFile } from '../picture-file.ts';
import { sniff } from '../sniff.ts';
import type { KeptKeywords, KeywordImage, LeftFile, Step } from '../store/keywords.ts';
import { mayHoldKeywords } from './embedded.ts';
import type { ExifTool } from './exiftool.ts';
import { assertSamePicture } from './same-picture.ts';
import { sidecarText } from './sidecar-text.ts';
import { areSame, isEmpty, merge, noFields, type Fields } from './words.ts';

/** A file to replace, and by what. */
export interface Replacement {
  step: Step;
  path: string;
  /** Null: `path` shall go. */
  temporary: string | null;
  sizeBytes: number;
  /** What stood at `path` when it was read; null: nothing. */
  seen: { sizeBytes: number; modifiedMs: number } | null;
}

/** Formats that ExifTool writes XMP into without touching the picture. */
const writableFormats: readonly string[] = ['jpeg', 'png', 'webp', 'tiff'];
/** Larger ones are no sidecars. */
const maxSidecarBytes = 16 * 1024 * 1024;

export function keywordPath({ folder, path }: Pick<KeywordImage, 'folder' | 'path'>, place: KeywordPlace): string {
  const photo = join(folder, path);
  if (place === 'inside') return photo;
  return `${place === 'sidecar' ? photo : photo.slice(0, photo.length - extname(photo).length)}.xmp`;
}

interface Wish {
  image: KeywordImage;
  place: KeywordPlace;
  kept: KeptKeywords | undefined;
  /** Words that shall stand there. */
  wanted: Fields;
  exportId: number;
  keepTime: boolean;
}

export function keywordFiles(tool: ExifTool) {
  /** @returns null if everything is as it should be */
  async function prepare(wish: Wish): Promise<Replacement | null> {
    return wish.place === 'inside' ? prepareInside(wish) : prepareSidecar(wish);
  }

  async function prepareInside(wish: Wish): Promise<Replacement | null> {
    const { image, kept, wanted, keepTime } = wish;
    const path = keywordPath(image, 'inside');
    const mode = await replaceableMode(path);
    const photo = await readPicture(path);
    assertUnchanged(image, photo);
    const sniffed = sniff(photo.bytes, path);
    if (sniffed.is !== 'picture' || !writableFormats.includes(sniffed.format)) {
      const kind = sniffed.is === 'unsupported' ? sniffed.kind : 'This kind of file';
      throw new AppError('export.failed', `${kind} is never changed; write a sidecar instead`);
    }
    if (image.status === 'pending') {
      throw new AppError('export.failed', 'A photo that no model has looked at yet is not changed; label it first');
    }
    if (image.status !== 'done') throw new AppError('export.failed', 'A photo that could not be read is never changed');
    const there = await readFields(path);
    const merged = merge(there, kept?.now?.ours ?? noFields(), wanted);
    if (areSame(there, merged.all)) return null;
    return build(wish, path, photo, merged.ours, null, async (temporary) => {
      await tool.write(path, temporary, merged.all);
      await assertFields(temporary, merged.all);
      await assertSamePicture(photo.bytes, (await readPicture(temporary)).bytes);
      await chmod(temporary, mode ?? 0o644);
      if (keepTime) await utimes(temporary, new Date(), photo.modifiedMs / 1000);
    });
  }

  async function prepareSidecar(wish: Wish): Promise<Replacement | null> {
    const { image, place, kept, wanted } = wish;
    const path = keywordPath(image, place);
    const photoPath = keywordPath(image, 'inside');
    await assertPhotoUnchanged(image, photoPath);
    const old = await readSidecar(path);
    const isOurs = old !== null && old.contentHash === kept?.now?.hash;
    const only = isOurs ? (kept.now?.only ?? null) : null;
    let there = only ?? noFields();
    if (old === null && isEmpty(wanted)) return null;
    // What the photo says itself would be hidden by a sidecar without it.
    if (old === null && (await mayHoldKeywords(photoPath))) there = await readFields(photoPath);
    if (old !== null && !only) there = await readFields(path);
    const merged = merge(there, (old && kept?.now?.ours) ?? noFields(), wanted);
    if (old !== null && areSame(there, merged.all)) return null;

    const mode = await replaceableMode(path);
    if (only && isEmpty(merged.ours)) return remove(wish, path, old!);
    const isNew = old === null || only !== null;
    return build(wish, path, old, merged.ours, isNew ? merged.all : null, async (temporary) => {
      if (isNew) await writeFile(temporary, sidecarText(merged.all), { flag: 'wx' });
      else {
        // ExifTool knows XMP by the bytes of an existing file.
        await tool.write(path, temporary, merged.all);
        await assertFields(temporary, merged.all);
      }
      if (mode !== undefined) await chmod(temporary, mode);
    });
  }

  /** @returns null if there is nothing to take back */
  async function prepareRestore(wish: Omit<Wish, 'wanted' | 'exportId'>): Promise<Replacement | null> {
    const { image, place, kept } = wish;
    if (!kept?.now || !kept.before) return null;
    const back = { ...wish, wanted: kept.before.ours, exportId: 0 };
    if (place === 'inside') return prepare(back);
    const path = keywordPath(image, place);
    const old = await readSidecar(path);
    // Somebody worked on it since: only words are taken back.
    if ((old?.contentHash ?? null) !== kept.now.hash) return old === null ? null : prepare(back);
    const bytes = kept.beforeBytes && (await promisify(inflate)(kept.beforeBytes));
    if (!bytes) return old && remove(back, path, old);
    const { ours, only } = kept.before;
    return build(back, path, old, ours, only, (temporary) => writeFile(temporary, bytes, { flag: 'wx' }));
  }

  async function build(
    wish: Wish,
    path: string,
    old: PictureFile | null,
    ours: Fields,
    only: Fields | null,
    write: (temporary: string) => Promise<void>,
  ): Promise<Replacement> {
    const temporary = temporaryIn(dirname(path));
    try {
      await write(temporary);
      await flush(temporary);
      const { contentHash, sizeBytes, modifiedMs } = await readPicture(temporary);
      const isPhoto = wish.place === 'inside';
      const photo = isPhoto ? { contentHash, sizeBytes, modifiedMs } : null;
      const step = await stepOf(wish, old, { hash: contentHash, ours, only }, photo);
      return { step, path, temporary, sizeBytes, seen: old };
    } catch (cause) {
      await rm(temporary, { force: true }).catch(() => {});
      throw exportError(cause, path);
    }
  }

  async function remove(wish: Wish, path: string, old: PictureFile): Promise<Replacement> {
    const step = await stepOf(wish, old, { hash: null, ours: noFields(), only: null }, null);
    return { step, path, temporary: null, sizeBytes: 0, seen: old };
  }

  async function readFields(path: string): Promise<Fields> {
    return (await tool.read([path]))[0]!;
  }

  async function assertFields(path: string, fields: Fields): Promise<void> {
    if (!areSame(await readFields(path), fields)) {
      throw new AppError('export.failed', 'The words could not be read back as they were written');
    }
  }

  return { prepare, prepareRestore };
}

/** What to remember; going back twice is not offered. */
async function stepOf(
  { image, place, kept, exportId }: Wish,
  old: PictureFile | null,
  now: LeftFile,
  photo: Step['photo'],
): Promise<Step> {
  const isBack = exportId === 0;
  const isOurs = old !== null && old.contentHash === kept?.now?.hash;
  const before: LeftFile = {
    hash: old?.contentHash ?? null,
    ours: kept?.now?.ours ?? noFields(),
    only: isOurs ? (kept.now?.only ?? null) : null,
  };
  const keepsBytes = !isBack && old !== null && place !== 'inside';
  return {
    imageId: image.imageId,
    place,
    exportId,
    now,
    before: isBack ? null : before,
    beforeBytes: keepsBytes ? await promisify(deflate)(old.bytes) : null,
    photo,
  };
}

async function readSidecar(path: string): Promise<PictureFile | null> {
  try {
    return await readPicture(path, { maxBytes: maxSidecarBytes });
  } catch (thrown) {
    const error = AppError.from(thrown);
    if (error.code === 'file.missing') return null;
    if (error.code === 'file.not-regular') throw new AppError('export.failed', `${path} is no regular file`);
    throw error;
  }
}

async function assertPhotoUnchanged(image: KeywordImage, path: string): Promise<void> {
  const stats = await lstat(path).catch(() => undefined);
  if (!stats) throw new AppError('file.missing', 'The file is not there any more');
  if (stats.size === image.sizeBytes && Math.floor(stats.mtimeMs) === image.modifiedMs) return;
  assertUnchanged(image, await readPicture(path));
}

/** Words say what a picture shows: another picture under its name must not get them. */
function assertUnchanged(image: KeywordImage, file: PictureFile): void {
  const hasFacts = file.sizeBytes === image.sizeBytes && file.modifiedMs === image.modifiedMs;
  if (!hasFacts && file.contentHash !== image.contentHash) {
    throw new AppError('export.failed', 'The file changed since it was labeled; scan the folder again');
  }
}

async function flush(path: string): Promise<void> {
  const file = await open(path, 'r+');
  await file.sync().finally(() => file.close());
}

/** Of what stands at a path now; null: nothing. */
export async function hashAt(path: string): Promise<string | null> {
  return readPicture(path).then(
    ({ contentHash }) => contentHash,
    () => null,
  );
}
