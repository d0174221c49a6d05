/** @file One picture: from its path to the model's input square, and from scores to what is stored. */
import { basename } from 'node:path';
import { AppError } from '#core/errors.ts';
import { margin, sureParent, topK, type ParentScore, type RankedScore } from '#core/scores.ts';
import { decodeCrop } from '../crop.ts';
import { openPicture, pictureFormat, readPicture } from '../decode.ts';
import type { InstalledModel, Manifest } from '../models/manifest.ts';
import type { Classified, ImageFacts, ImageToClassify, Refused } from './protocol.ts';
import type { ModelOutput } from './session.ts';

/** A picture ready for the session, or why it is not; `facts` reach as far as reading got. */
export interface Prepared {
  facts: ImageFacts;
  /** Shape [H, W, 3], 0–255. */
  rgb: Uint8Array | null;
  refused: Refused | null;
}

/** Read and decode. Never throws: what is wrong with a picture is data. */
export async function prepare({ id, path }: ImageToClassify, { preprocess }: Manifest): Promise<Prepared> {
  const facts: ImageFacts = {
    id,
    sizeBytes: null,
    modifiedMs: null,
    contentHash: null,
    width: null,
    height: null,
    format: null,
  };
  try {
    const { bytes, sizeBytes, modifiedMs, contentHash } = await readPicture(path);
    Object.assign(facts, { sizeBytes, modifiedMs, contentHash } satisfies Partial<ImageFacts>);
    const format = pictureFormat(bytes, basename(path));
    facts.format = format;
    const picture = await openPicture(bytes, format);
    Object.assign(facts, { width: picture.width, height: picture.height } satisfies Partial<ImageFacts>);
    return { facts, rgb: await decodeCrop(picture, preprocess), refused: null };
  } catch (thrown) {
    return { facts, rgb: null, refused: refuse(thrown) };
  }
}

function refuse(thrown: unknown): Refused {
  const { code, message } = AppError.from(thrown);
  return { ok: false, code, message };
}

/** What is stored of one picture's scores. */
function rank(
  { scores, features }: ModelOutput,
  paths: readonly (readonly string[])[],
  unsureBelow: number,
  k: number,
): { ranked: RankedScore[]; margin: number; parent: ParentScore | null; features: Float32Array | null } {
  // Two at least, because the margin needs the runner-up.
  const best = topK(scores, Math.max(2, k));
  return {
    ranked: best.slice(0, k),
    margin: margin(best),
    parent: sureParent(scores, paths, unsureBelow) ?? null,
    features,
  };
}

/** Put decoded pictures and their outputs (in the order of those that have pixels) together again. */
export function combine(
  prepared: readonly Prepared[],
  outputs: readonly (ModelOutput | null)[],
  model: InstalledModel,
  k: number,
): Classified[] {
  const paths = model.labels.map(({ path }) => path);
  let next = 0;
  return prepared.map(({ facts, rgb, refused }) => {
    if (refused || !rgb) return { ...facts, ...(refused ?? refuse('no pixels')) };
    const output = outputs[next++];
    if (!output) return { ...facts, ok: false, code: 'inference.failed', message: 'The model gave no finite scores' };
    return { ...facts, ok: true, ...rank(output, paths, model.manifest.unsureBelow, k) };
  });
}
