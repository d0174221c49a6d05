/** @file Where the engine, the models and the person's own data lie. */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '#core/errors.ts';

const extension = process.platform === 'win32' ? '.exe' : '';

/** Bundled into `out/cli/index.mjs` or `resources/cli/index.mjs`; from source this file is itself. */
const bundled = import.meta.url.endsWith('.mjs');
const here = fileURLToPath(new URL('.', import.meta.url));

/** The repository, or the package's `resources`. */
const root = bundled && existsSync(join(here, '../models')) ? join(here, '..') : join(here, '../..');

export const entry = join(here, bundled ? '../engine/index.mjs' : '../engine/index.ts');

/** The Node the engine was built for: of the repository, of the package, else the one that runs us. */
export function nodePath(): string {
  const known = [join(root, 'node_modules/node/bin', `node${extension}`), join(here, `../engine/node${extension}`)];
  return known.find((path) => existsSync(path)) ?? process.execPath;
}

/** The app's own folder for this person, as Electron's `userData`. */
export function userFolder(): string {
  const { XDG_CONFIG_HOME, APPDATA } = process.env;
  if (process.platform === 'darwin') return join(homedir(), 'Library/Application Support/Labelwright');
  if (process.platform === 'win32') return join(APPDATA || join(homedir(), 'AppData/Roaming'), 'Labelwright');
  return join(XDG_CONFIG_HOME || join(homedir(), '.config'), 'Labelwright');
}

/** Model folders of the person come after ours, so that nothing can hide a model that came with the app. */
export function modelsPaths(): string[] {
  return [join(root, 'models'), join(userFolder(), 'models')];
}

export function defaultLibrary(): string {
  return join(userFolder(), 'library.labelwright');
}

/** npm changes into the repository before it runs a script; `INIT_CWD` is where the person stands. */
export function fromHere(path: string): string {
  const byNpm = ['label', 'labelwright', 'start'].includes(process.env.npm_lifecycle_event ?? '');
  return resolve((byNpm && process.env.INIT_CWD) || process.cwd(), path);
}

/** @throws {AppError} 'input.invalid' for what is no folder */
export async function checkFolder(folder: string): Promise<void> {
  const stats = await stat(folder).catch((cause: Error) => {
    throw new AppError('input.invalid', `There is no folder ${folder}`, { cause });
  });
  if (!stats.isDirectory()) throw new AppError('input.invalid', `${folder} is not a folder`);
}
