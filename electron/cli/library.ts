/** @file Open a library for one command. */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '#core/errors.ts';
import { openEngine, type EngineProcess } from '#host';
import { defaultLibrary, entry, modelsPaths, nodePath, userFolder } from './places.ts';

/**
 * The engine on a library file, made if there is none.
 *
 * @param library  absolute path; undefined: the desktop app's own
 * @throws {AppError} 'store.locked' with `details.pid`, 'store.from-future', 'store.corrupt', 'engine.down'
 */
export async function openLibrary(library: string | undefined): Promise<EngineProcess> {
  const libraryPath = library ?? defaultLibrary();
  // Thumbnails of the app's own library belong where the app looks for them; of any other, beside it.
  const cachePath = library === undefined ? join(userFolder(), 'cache') : `${library}.cache`;
  for (const folder of [dirname(libraryPath), cachePath]) {
    await mkdir(folder, { recursive: true }).catch((cause: Error) => {
      throw new AppError('store.failed', `The folder ${folder} cannot be made: ${cause.message}`, { cause });
    });
  }
  return openEngine({ nodePath: nodePath(), entry, libraryPath, cachePath, modelsPaths: modelsPaths() });
}
