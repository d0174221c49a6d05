/** @file Changes to the models in the person's own folder. */
import { randomBytes } from 'node:crypto';
import { lstat, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError } from '#core/errors.ts';
import { manifestSchema } from './manifest.ts';

const trashPrefix = '.removed-';

/**
 * Write another title into a manifest, everything else kept as it stands there.
 *
 * @param folder  of the model, absolute
 * @throws {AppError} 'input.invalid' for a title that no manifest may have, 'model.invalid', 'disk.full', 'file.denied'
 */
export async function renameModelFolder(folder: string, title: string): Promise<void> {
  const path = join(folder, 'model.json');
  const manifest = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  const parsed = manifestSchema.safeParse({ ...manifest, title });
  if (!parsed.success) {
    const ofTitle = parsed.error.issues.some((issue) => issue.path[0] === 'title');
    if (ofTitle) throw new AppError('input.invalid', 'A title has 1 to 200 characters');
    throw new AppError('model.invalid', `${path} describes no model`);
  }
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(`${JSON.stringify({ ...manifest, title }, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw refused(thrown, `${path} could not be written`);
  }
}

/**
 * Delete a model folder. It is renamed first, so that no half of it is ever seen.
 *
 * @param folder  directly in the person's models folder, absolute; no link
 * @throws {AppError} 'model.not-own' for a link, 'file.denied', 'internal'
 */
export async function removeModelFolder(folder: string): Promise<void> {
  const stats = await lstat(folder);
  // What a link points to is not ours to delete.
  if (!stats.isDirectory()) throw new AppError('model.not-own', `${folder} is a link, so it is left alone`);
  const parent = dirname(folder);
  const trash = join(parent, `${trashPrefix}${randomBytes(4).toString('hex')}-${basename(folder)}`);
  try {
    await rename(folder, trash);
  } catch (thrown) {
    throw refused(thrown, `${folder} could not be removed`);
  }
  // With what an earlier removal had to leave: a file that was open, a disk that went away.
  for (const name of await readdir(parent)) {
    if (name.startsWith(trashPrefix)) await rm(join(parent, name), { recursive: true, force: true }).catch(() => {});
  }
}

function refused(thrown: unknown, what: string): AppError {
  const errno = (thrown as { code?: unknown }).code;
  const denied = errno === 'EACCES' || errno === 'EPERM' || errno === 'EROFS' || errno === 'EBUSY';
  if (!denied) return AppError.from(thrown);
  return new AppError('file.denied', `${what}: permission denied`, { cause: thrown });
}
