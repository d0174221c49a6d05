/** @file A Paddle inference model on disk, a program and its parameters, opened as an ONNX model. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { AppError } from '#core/errors.ts';
import type { OnnxModel } from '../onnx/model.ts';
import { openParams } from './params.ts';
import { parseProgramDesc } from './program-desc.ts';
import { parseProgramJson } from './program-json.ts';
import { paddleToOnnx } from './to-onnx.ts';

export interface PaddleInference extends Disposable {
  /** Its weights can be read until this is disposed of. */
  model: OnnxModel;
  format: 'paddle-inference' | 'paddle-json';
  /** The file of weights; absolute if what was opened was. */
  path: string;
}

/** Programs of ResNeXt152 take 1 or 2 MB. Parsing this much takes about half a second. */
const longestProgramBytes = 16 * 1024 * 1024;
const paramsExtension = '.pdiparams';
/** As Paddle 3 does, the new form is taken where both lie. */
const programExtensions = ['.json', '.pdmodel'];
/** What PaddleClas and PaddleX call their exports. */
const usualName = 'inference';

/**
 * @param path  a folder with one model, or either file of it
 * @throws {AppError} 'file.missing' for the other file or a folder without a model, 'file.not-regular',
 *   'file.too-large', 'model.invalid', 'model.corrupt', 'model.unsupported' naming what cannot be converted
 */
export function openPaddleInference(path: string): PaddleInference {
  const base = isFolder(path) ? findBase(path) : path.slice(0, path.length - extname(path).length);
  const programPath = findProgram(path, base);
  const paramsPath = `${base}${paramsExtension}`;
  checkFile(paramsPath);
  const format = extname(programPath) === '.json' ? 'paddle-json' : 'paddle-inference';
  const bytes = readFileSync(programPath);
  const program = format === 'paddle-json' ? parseProgramJson(bytes.toString('utf8')) : parseProgramDesc(bytes);
  const params = openParams(paramsPath, program.parameters);
  try {
    const model = paddleToOnnx(program, params.tensors);
    return { model, format, path: paramsPath, [Symbol.dispose]: () => params[Symbol.dispose]() };
  } catch (thrown) {
    params[Symbol.dispose]();
    throw thrown;
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (cause) {
    throw new AppError('file.missing', `${basename(path)} cannot be read`, { cause });
  }
}

/** The path of the model's files without their extensions. */
function findBase(folder: string): string {
  const names = readdirSync(folder);
  const bases = names
    .filter((name) => extname(name) === paramsExtension)
    .map((name) => name.slice(0, -paramsExtension.length))
    .filter((name) => programExtensions.some((extension) => names.includes(name + extension)));
  const base = bases.includes(usualName) ? usualName : bases[0];
  if (base === undefined) {
    throw new AppError('file.missing', 'The folder holds no Paddle model: a .pdmodel or .json beside a .pdiparams');
  }
  if (base !== usualName && bases.length > 1) {
    throw new AppError(
      'model.unsupported',
      `The folder holds ${bases.length} Paddle models; choose one of their files`,
    );
  }
  return join(folder, base);
}

function findProgram(path: string, base: string): string {
  const chosen = programExtensions.includes(extname(path)) && !isFolder(path) ? [path] : [];
  const candidates = [...chosen, ...programExtensions.map((extension) => base + extension)];
  const found = candidates.find((candidate) => statSync(candidate, { throwIfNoEntry: false }));
  if (found === undefined) {
    throw new AppError(
      'file.missing',
      `${basename(base)}.pdmodel or ${basename(base)}.json must lie beside ${basename(path)}`,
    );
  }
  const { size } = checkFile(found);
  if (size > longestProgramBytes)
    throw new AppError('file.too-large', `${basename(found)} is too large for a Paddle program`);
  return found;
}

function checkFile(path: string): { size: number } {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) throw new AppError('file.missing', `${basename(path)} must lie in ${basename(dirname(path))} too`);
  // Opening a pipe would wait for whoever writes into it.
  if (!stats.isFile()) throw new AppError('file.not-regular', `${basename(path)} is not a regular file`);
  return stats;
}
