/** @file Writing a model folder so that it is there whole or not at all. */
import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '#core/errors.ts';
import { isRunning } from '../../is-running.ts';
import { sha256Of } from '../hash-file.ts';
import type { Manifest, ModelLabel } from '../manifest.ts';
import type { OnnxModel } from '../onnx/model.ts';
import { writeOnnx } from '../onnx/write.ts';

/** Below the models folder, one level deeper than the registry looks. */
const workshop = '.importing';
export const modelFileName = 'model.onnx';

export interface ModelDraft extends AsyncDisposable {
  /** Absolute, of the ONNX file. */
  path: string;
  sha256: string;
  sizeBytes: number;
  /**
   * Add labels and manifest and move the folder into its place.
   *
   * @throws {AppError} 'input.invalid' if a folder of that id has appeared meanwhile, 'disk.full'
   */
  finish(manifest: Omit<Manifest, 'file' | 'labels' | 'sha256' | 'sizeBytes'>, labels: ModelLabel[]): Promise<void>;
}

/**
 * Write the ONNX file into a folder of its own; disposing of an unfinished draft removes it.
 *
 * @param model  the graph, or the path of a file to copy
 * @throws {AppError} 'disk.full', 'model.invalid' for graphs of 2 GiB and more
 */
export async function draftModel(models: string, model: OnnxModel | string): Promise<ModelDraft> {
  await removeLeftovers(models);
  const folder = join(models, workshop, `${process.pid}-${randomBytes(4).toString('hex')}`);
  const path = join(folder, modelFileName);
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await mkdir(folder, { recursive: true });
    const written = typeof model === 'string' ? await copyModel(model, path) : await writeOnnx(path, model);
    return {
      path,
      ...written,
      async finish(manifest, labels) {
        const whole: Manifest = { ...manifest, file: modelFileName, labels: 'labels.json', ...written };
        await writeFlushed(join(folder, 'labels.json'), JSON.stringify({ labels }, undefined, 1));
        await writeFlushed(join(folder, 'model.json'), JSON.stringify(whole, undefined, 2));
        const target = join(models, manifest.id);
        if (await stat(target).catch(() => null)) {
          throw new AppError('input.invalid', `There is a model called "${manifest.id}" already`);
        }
        await rename(folder, target);
      },
      [Symbol.asyncDispose]: remove,
    };
  } catch (thrown) {
    await remove().catch(() => undefined);
    throw AppError.from(thrown);
  }
}

async function copyModel(from: string, to: string): Promise<{ sha256: string; sizeBytes: number }> {
  await copyFile(from, to);
  const { size } = await stat(to);
  if (size > 2 ** 31 - 1) throw new AppError('model.unsupported', 'ONNX files of 2 GiB and more cannot be used');
  return { sha256: await sha256Of(to), sizeBytes: size };
}

async function writeFlushed(path: string, text: string): Promise<void> {
  await writeFile(path, `${text}\n`);
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** What imports left that were killed: folders named after a process that is no more. */
async function removeLeftovers(models: string): Promise<void> {
  const folder = join(models, workshop);
  for (const name of await readdir(folder).catch(() => [])) {
    const pid = Number(/^(\d+)-[0-9a-f]{8}$/.exec(name)?.[1]);
    if (Number.isInteger(pid) && pid !== process.pid && !isRunning(pid)) {
      await rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined);
    }
  }
}
