/** @file A plot as the page drew it, on its way to a file: what says it is a picture has to be one. */
import { AppError } from '#core/errors.ts';

/** Source: PNG specification, 5.2. */
const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Programs that show pictures may run these. */
const programs = /<script|<foreignObject|<!ENTITY|<[^<>]*(?:\son[a-z]+\s*=|javascript:)/i;

/**
 * @param content  SVG text, or a PNG in base64
 * @throws {AppError} 'input.invalid' if it is something else
 */
export function plotFile(form: 'svg' | 'png', content: string): Buffer {
  if (form === 'svg') {
    if (!/^<svg[\s>]/.test(content)) throw new AppError('input.invalid', 'The plot is no SVG');
    if (programs.test(content)) throw new AppError('input.invalid', 'The plot holds more than a drawing');
    return Buffer.from(content, 'utf8');
  }
  // Node skips what is no base64; a picture has nothing to skip.
  const bytes = /^[A-Za-z0-9+/]+={0,2}$/.test(content) ? Buffer.from(content, 'base64') : Buffer.alloc(0);
  if (!bytes.subarray(0, pngSignature.length).equals(pngSignature)) {
    throw new AppError('input.invalid', 'The plot is no PNG');
  }
  return bytes;
}
