/** @file Decoding as the worker does it, for comparing pixels. */
import { decodeCrop } from '../../electron/engine/crop.ts';
import { openPicture, pictureFormat } from '../../electron/engine/decode.ts';
import { AppError } from '../../electron/core/errors.ts';
import { preprocessPreset } from '../../electron/core/preprocess-presets.ts';

/** @returns shape [224, 224, 3] with the usual presets */
export async function cropOf(bytes: Buffer, name = 'picture', preset = 'torchvision-v1'): Promise<Uint8Array> {
  return decodeCrop(await openPicture(bytes, pictureFormat(bytes, name)), preprocessPreset(preset)!);
}

/** The code a picture is refused with, or its pixels. */
export async function outcomeOf(bytes: Buffer, name?: string, preset?: string): Promise<string | Uint8Array> {
  try {
    return await cropOf(bytes, name, preset);
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code !== 'internal') return thrown.code;
    throw thrown;
  }
}

/** Mean absolute difference, in levels of 255. */
export function difference(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return 255;
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += Math.abs(a[index]! - b[index]!);
  return sum / a.length;
}
