/** @file The address of a published file at a server that has copies. */
import { AppError } from '#core/errors.ts';

/**
 * 'https://host/models/a.pth' at 'https://mirror/copies' is 'https://mirror/copies/models/a.pth'.
 *
 * @param mirror  address; empty: where it was published
 * @throws {AppError} 'input.invalid' for what is no address
 */
export function mirrored(published: string, mirror: string): URL {
  const original = new URL(published);
  if (mirror === '') return original;
  const copy = URL.parse(mirror);
  if (copy?.protocol !== 'https:' && copy?.protocol !== 'http:') {
    throw new AppError('input.invalid', 'The mirror must be an address like https://mirror.example/models');
  }
  copy.pathname = copy.pathname.replace(/\/+$/, '') + original.pathname;
  copy.search = original.search;
  copy.hash = '';
  return copy;
}
