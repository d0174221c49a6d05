/** @file What each error code says to a person at the terminal. */
import type { AppError, ErrorCode } from '#core/errors.ts';

const sentences: Record<ErrorCode, string> = {
  'input.invalid': 'This does not make sense to the engine.',
  'image.unreadable': 'The picture cannot be read.',
  'image.unsupported': 'This kind of picture is not supported yet.',
  'image.damaged': 'The picture is damaged.',
  'image.too-large': 'The picture has too many pixels.',
  'image.extreme-shape': 'The picture is too long and thin.',
  'image.timeout': 'The picture took too long to read.',
  'image.crashed': 'The picture crashed its decoder twice and was put aside.',
  'file.missing': 'The file is no longer there.',
  'file.denied': 'The file may not be read: permission denied.',
  'file.not-regular': 'This is not a regular file.',
  'file.bad-name': 'The file has a name that cannot be kept.',
  'file.too-large': 'The file is too large.',
  'file.link-outside': 'This link leads out of the chosen folders and was not followed.',
  'folder.unreadable': 'The folder may not be read: permission denied.',
  'folder.missing': 'The folder is not there.',
  'folder.loop': 'This link leads back to a folder already seen.',
  'folder.too-deep': 'The folder lies too deep.',
  'model.not-found': 'There is no such model; `labelwright models list` shows all of them.',
  'model.corrupt': 'The file of the model is damaged.',
  'model.invalid': 'The model cannot be used.',
  'model.unsupported': 'This file is no model that can be added.',
  'model.not-own': 'This model came with Labelwright and stays as it is.',
  'model.too-few-photos': 'There are too few photos.',
  'provider.failed': 'The model does not run on this provider.',
  'network.failed': 'The server could not be reached.',
  'download.corrupt': 'What arrived is not what was published.',
  'licence.required': 'The licence of these weights has to be accepted first.',
  'inference.failed': 'The model could not be run.',
  'store.from-future': 'A newer version of Labelwright wrote this library; this version leaves it alone.',
  'store.locked': 'The library is in use by another process.',
  'store.corrupt': 'The library file is damaged.',
  'store.failed': 'The library file could not be read or written.',
  'export.failed': 'The file could not be written.',
  'disk.full': 'The disk is full.',
  'engine.down': 'The engine stopped and did not come back.',
  'not-found': 'There is no such thing.',
  busy: 'Something else is going on; try again in a moment.',
  aborted: 'This was cancelled.',
  internal: 'Something went wrong inside Labelwright.',
};

/** Codes whose own message says more than a fixed sentence could. */
const specific: ReadonlySet<ErrorCode> = new Set([
  'input.invalid',
  'export.failed',
  'not-found',
  'internal',
  'model.invalid',
  'model.unsupported',
  'model.too-few-photos',
  'provider.failed',
  'network.failed',
  'download.corrupt',
  'licence.required',
  'store.failed',
]);

export function sentence(code: string): string {
  return Object.hasOwn(sentences, code) ? sentences[code as ErrorCode] : code;
}

/** The sentence for an error, with what only this one knows: a process, a path, a cause. */
export function describe({ code, message, details }: AppError): string {
  if (code === 'store.locked') {
    return `${typeof details.pid === 'number' ? `The library is in use by process ${details.pid}` : sentence(code)}. Close it, or name another with --library.`;
  }
  // With how much is needed and how much there is.
  const numbers = code === 'disk.full' && details.neededBytes !== undefined;
  return (specific.has(code) || numbers) && message !== ''
    ? `${message}${/[.!?]$/.test(message) ? '' : '.'}`
    : sentence(code);
}
