/** @file The folder of an integer form: `variant.json` and `model.onnx`, checked before anything trusts them. */
import { lstat, mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { AppError } from '#core/errors.ts';
import { sha256Of } from '../hash-file.ts';
import type { Manifest } from '../manifest.ts';
import { inspectOnnx } from '../onnx/inspect.ts';

const share = z.number().min(0).max(1);
const count = z.int().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower case hex digits');

export const reportSchema = z.strictObject({
  imageCount: count,
  agreement: share,
  confident: z.strictObject({ imageCount: count, agreement: share }),
  topFiveOverlap: share,
  scoreDrift: z.strictObject({ mean: share, max: share }),
  gate: z.strictObject({ agreement: share, confidentAgreement: share, imageCount: count }),
  passed: z.boolean(),
  calibrationImageCount: count,
  ranges: z.enum(['min-max', 'percentile', 'least-error']),
  keptFloat: z.array(z.string().max(200)).max(1000),
  speedup: z.number().min(0).nullable(),
  madeMs: z.number().min(0),
});

export const variantSchema = z
  .strictObject({
    version: z.literal(1),
    /** Of the float file that it was made from. */
    original: z.strictObject({ sha256 }),
    /** Of `model.onnx` beside it. */
    sha256,
    sizeBytes: z
      .int()
      .min(1)
      .max(2 ** 31 - 1),
    /** With 7, any processor adds products of two numbers without loss. */
    weightBits: z.literal([7, 8]),
    report: reportSchema,
  })
  .refine(
    ({ report: { passed, agreement, confident, imageCount, gate } }) =>
      !passed ||
      (agreement >= gate.agreement && confident.agreement >= gate.confidentAgreement && imageCount >= gate.imageCount),
    'the report does not pass the gate that it names',
  );

export type Variant = z.infer<typeof variantSchema>;

export const variantFiles = { description: 'variant.json', model: 'model.onnx' } as const;

/** A variant's description is some kilobytes, however much of the model was left float. */
const maxJsonBytes = 1024 * 1024;

/**
 * The description alone, with the size of the file that it describes: for lists.
 *
 * @returns null if there is no such folder
 * @throws {AppError} 'model.invalid' for a folder that is no variant of this model, 'model.corrupt' for another size
 */
export async function readVariant(
  folder: string,
  { sha256: original }: Pick<Manifest, 'sha256'>,
): Promise<Variant | null> {
  const found = await lstat(folder).catch(() => null);
  if (!found) return null;
  if (!found.isDirectory()) throw invalid(`${folder} is no folder`);
  const path = join(folder, variantFiles.description);
  if ((await sizeOf(path)) > maxJsonBytes) throw invalid(`${path} is too large`);
  const parsed = variantSchema.safeParse(parseJson(await readFile(path, 'utf8')));
  if (!parsed.success) throw invalid(`${path}: ${z.prettifyError(parsed.error).slice(0, 500)}`);
  if (parsed.data.original.sha256 !== original) throw invalid('it was made from another file than the model has now');
  const sizeBytes = await sizeOf(join(folder, variantFiles.model));
  if (sizeBytes !== parsed.data.sizeBytes) {
    throw new AppError('model.corrupt', `The fast form has ${sizeBytes} bytes instead of ${parsed.data.sizeBytes}`);
  }
  return parsed.data;
}

/**
 * The whole of its file: SHA-256, no external data, no foreign operators.
 *
 * @throws {AppError} 'model.corrupt', 'model.invalid'
 */
export async function checkVariant(folder: string, { sha256: expected, sizeBytes }: Variant): Promise<void> {
  const file = join(folder, variantFiles.model);
  inspectOnnx(file, sizeBytes);
  if ((await sha256Of(file)) !== expected) {
    throw new AppError('model.corrupt', 'The file of the fast form differs from the one that was checked');
  }
}

/** Flushed to the disk. @param folder  that of its `model.onnx` */
export async function writeVariant(folder: string, variant: Variant): Promise<void> {
  await mkdir(folder, { recursive: true });
  await using file = await open(join(folder, variantFiles.description), 'w');
  await file.writeFile(`${JSON.stringify(variantSchema.parse(variant), null, 2)}\n`);
  await file.sync();
}

/** A symbolic link could be swapped after the check, or lead anywhere. */
async function sizeOf(path: string): Promise<number> {
  const stats = await lstat(path).catch((cause: unknown) => {
    throw new AppError('model.invalid', `The fast form cannot be used: ${path} cannot be read`, { cause });
  });
  if (!stats.isFile()) throw invalid(`${path} is not a regular file`);
  return stats.size;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError('model.invalid', 'The fast form cannot be used: its description is not JSON', { cause });
  }
}

function invalid(why: string): AppError {
  return new AppError('model.invalid', `The fast form cannot be used: ${why}`);
}
