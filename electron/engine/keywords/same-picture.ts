/** @file Proof that a photo shows the same after its metadata changed. */
import { AppError } from '#core/errors.ts';
import { libvips } from '../libvips.ts';

/**
 * Every pixel as stored, and what decides how it is shown.
 *
 * @throws {AppError} 'export.failed' if anything differs
 */
export async function assertSamePicture(before: Buffer, after: Buffer): Promise<void> {
  const [one, other] = [await decoded(before), await decoded(after)];
  if (one.facts !== other.facts || !one.pixels.equals(other.pixels)) {
    throw new AppError('export.failed', 'The photo would not have been the same picture; it was left as it was');
  }
}

async function decoded(bytes: Buffer): Promise<{ facts: string; pixels: Buffer }> {
  const picture = libvips()(bytes, { limitInputPixels: false, failOn: 'none', animated: false });
  const { format, width, height, channels, depth, orientation, pages, icc } = await picture.metadata();
  const facts = { format, width, height, channels, depth, orientation, pages, icc: icc?.toString('base64') };
  const pixels = await picture.raw({ depth: depth === 'ushort' ? 'ushort' : 'uchar' }).toBuffer();
  return { facts: JSON.stringify(facts), pixels };
}
