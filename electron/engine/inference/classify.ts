/** @file One picture: from its path to the model's input square, and from scores to what is stored. */
import { basename } from 'node:path';
import { AppError } from '#core/errors.ts';
import { margin, sureParent, topK } from '#core/scores.ts';
import { decodeCrop } from '../crop.ts';
import { openPicture, pictureFormat } from '../decode.ts';
import type { InstalledModel, Manifest } from '../models/manifest.ts';
import { perceptualHash } from '../perceptual-hash.ts';
import { readPicture, type PictureFile } from '../picture-file.ts';
import { categoryParents } from '../taxonomy/friendly-parents.ts';
import type { Classified, ImageFacts, ImageToClassify, Prepared, Ranks, Refused } from './protocol.ts';
import type { ModelOutput } from './session.ts';

export interface PrepareOptions {
  /** Where the pixels go, shape [H, W, 3]; a new array if nothing is given. */
  target?: Uint8Array;
  /** Gives the file; its memory is released when the pixels are there. */
  read?: (path: string) => Promise<PictureFile & { release?(): void }>;
  /** Given the resized picture before the crop, where there is one; waited for, and must not fail. */
  onResized?: (facts: ImageFacts, rgb: Buffer, width: number, height: number) => Promise<void> | undefined;
}

/**
 * Read and decode. Never throws: what is wrong with a picture is data.
 *
 * @returns  `rgb` is the target, or null for what was refused; facts reach as far as reading got
 */
export async function prepare(
  { id, path }: ImageToClassify,
  { preprocess }: Pick<Manifest, 'preprocess'>,
  { target, read = readPicture, onResized }: PrepareOptions = {},
): Promise<Prepared & { rgb: Uint8Array | null }> {
  const facts: ImageFacts = {
    id,
    sizeBytes: null,
    modifiedMs: null,
    contentHash: null,
    width: null,
    height: null,
    format: null,
  };
  let file: Awaited<ReturnType<typeof read>> | undefined;
  try {
    file = await read(path);
    facts.sizeBytes = file.sizeBytes;
    facts.modifiedMs = file.modifiedMs;
    facts.contentHash = file.contentHash;
    const format = pictureFormat(file.bytes, basename(path));
    facts.format = format;
    const picture = await openPicture(file.bytes, format);
    facts.width = picture.width;
    facts.height = picture.height;
    let kept: Promise<void> | undefined;
    const rgb = await decodeCrop(picture, preprocess, {
      ...(target && { target }),
      ...(onResized && { onResized: (...resized) => (kept = onResized(facts, ...resized)) }),
    });
    facts.perceptualHash = perceptualHash(rgb, preprocess.cropWidth, preprocess.cropHeight);
    await kept;
    return { facts, rgb, refused: null };
  } catch (thrown) {
    return { facts, rgb: null, refused: refuse(thrown) };
  } finally {
    file?.release?.();
  }
}

function refuse(thrown: unknown): Refused {
  const { code, message } = AppError.from(thrown);
  return { ok: false, code, message };
}

/** @returns what is stored of one picture's scores: the best `k`, and how sure they are */
export function ranker({ labels, manifest }: InstalledModel): (output: ModelOutput, k: number) => Ranks {
  const paths = labels.map(categoryParents);
  return ({ scores, features }, k) => {
    // Two at least, because the margin needs the runner-up.
    const best = topK(scores, Math.max(2, k));
    return {
      ranked: best.slice(0, k),
      margin: margin(best),
      parent: sureParent(scores, paths, manifest.unsureBelow) ?? null,
      features,
    };
  };
}

/**
 * Put pictures and what the session made of them together again.
 *
 * @param outputs  one for each picture that was not refused, in order; null where the scores were not finite
 */
export function combine(pictures: readonly Prepared[], outputs: readonly (Ranks | null)[]): Classified[] {
  let next = 0;
  return pictures.map(({ facts, refused }) => {
    if (refused) return { ...facts, ...refused };
    const output = outputs[next++];
    if (!output) return { ...facts, ok: false, code: 'inference.failed', message: 'The model gave no finite scores' };
    return { ...facts, ok: true, ...output };
  });
}
