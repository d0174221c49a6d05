/** @file "Make it faster": from a model and photos to a folder with its integer form, there whole or not at all. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '#core/errors.ts';
import type { AgreementReport } from '#core/model.ts';
import { isRunning } from '../../is-running.ts';
import type { InstalledModel } from '../manifest.ts';
import type { OptimizeStep } from './optimize-protocol.ts';
import { neededPhotos, shuffle, tooFewPhotos } from './photo-plan.ts';
import { runOptimizer } from './run-optimizer.ts';
import { variantFiles, writeVariant } from './variant-file.ts';

export interface OptimizeOptions {
  /** The folder to be made, absolute; an earlier one is replaced. */
  target: string;
  /** The same photos and seed give the same choice of photos. */
  seed: number;
  /** Intra-op. */
  threads: number;
  /** Whether this machine adds products of bytes without loss; where it does not, weights get 7 bits. */
  integersExact: boolean;
  onProgress?: (step: OptimizeStep) => void;
  signal?: AbortSignal;
}

const workshopPrefix = '.making-';

/**
 * Make the integer form of a model and compare it with the float form. What comes out is kept whether it agrees enough or
 * not: the report says so, and nobody uses it in that case.
 *
 * @param photos  absolute paths, from which some are drawn; unreadable ones and copies are passed over
 * @throws {AppError} 'model.too-few-photos' with `details.needed` and `details.found`, 'model.unsupported' if nothing in
 *   the graph can be quantized, 'model.invalid', 'inference.failed', 'disk.full', 'aborted'
 */
export async function optimizeModel(
  model: InstalledModel,
  photos: readonly string[],
  { target, seed, threads, integersExact, onProgress, signal }: OptimizeOptions,
): Promise<AgreementReport> {
  if (photos.length < neededPhotos) throw tooFewPhotos(photos.length);
  const parent = dirname(target);
  const folder = join(parent, `${workshopPrefix}${process.pid}-${randomBytes(4).toString('hex')}`);
  const weightBits = integersExact ? 8 : 7;
  try {
    await removeLeftovers(parent);
    await mkdir(folder, { recursive: true });
    const { report, ...file } = await runOptimizer(
      { model, photos: shuffle(photos, seed), folder, threads, weightBits },
      { onProgress: onProgress ?? (() => undefined), signal },
    );
    const whole: AgreementReport = { ...report, madeMs: Date.now() };
    await removeScraps(folder);
    await writeVariant(folder, { version: 1, original: { sha256: model.sha256 }, ...file, weightBits, report: whole });
    await syncFolder(folder);
    await putInPlace(folder, target);
    return whole;
  } catch (thrown) {
    throw AppError.from(thrown);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }
}

/** Photos and candidates; only the chosen form stays. */
async function removeScraps(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name !== variantFiles.model) await rm(join(folder, name), { recursive: true, force: true });
  }
}

async function putInPlace(folder: string, target: string): Promise<void> {
  // Out of the way first: a folder cannot be renamed over one that has something in it.
  const old = `${folder}-old`;
  const hadOld = await rename(target, old).then(
    () => true,
    () => false,
  );
  try {
    await rename(folder, target);
  } catch (thrown) {
    if (hadOld) await rename(old, target).catch(() => undefined);
    throw thrown;
  }
  await rm(old, { recursive: true, force: true }).catch(() => undefined);
  await syncFolder(dirname(target));
}

/** Names of files reach the disk with their folder; Windows does that by itself and refuses to be asked. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  await using handle = await open(folder, 'r');
  await handle.sync();
}

/** What was left by processes that were killed: folders named after one that is no more. */
async function removeLeftovers(parent: string): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    const pid = Number(/^\.making-(\d+)-[0-9a-f]{8}(?:-old)?$/.exec(name)?.[1]);
    if (Number.isInteger(pid) && pid !== process.pid && !isRunning(pid)) {
      await rm(join(parent, name), { recursive: true, force: true }).catch(() => undefined);
    }
  }
}
