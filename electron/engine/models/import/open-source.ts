/** @file From a path a person chose to what lies there: one file, a Paddle pair, a folder, an archive. */
import { lstat, mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { AppError } from '#core/errors.ts';
import { inspectOnnx } from '../onnx/inspect.ts';
import { readOnnx } from '../onnx/read.ts';
import { openPaddleInference } from '../paddle/index.ts';
import { extractTar } from '../tar.ts';
import { openOnnxSource } from './onnx-source.ts';
import type { Source } from './source.ts';
import { openWeightsSource } from './weights-source.ts';

/** Larger files are refused unread: the largest ResNeXt has 829 M parameters, 3.3 GB. */
export const maxSourceBytes = 4 * 1024 ** 3;

const modelFile = /\.(?:onnx|safetensors|pth|pt|bin|pdparams|pdmodel|tar)$/i;
const paddleFile = /\.(?:pdmodel|pdiparams)$/i;

export interface OpenedSource {
  source: Source;
  /** The folder whose other files may say more: labels, preprocessing. */
  folder: string;
}

/**
 * @param path  absolute; a file or a folder with one model in it
 * @throws {AppError} 'model.unsupported' with what was found instead, 'model.corrupt', 'model.invalid', 'file.missing',
 *   'file.denied', 'file.not-regular', 'aborted'
 */
export async function openSource(path: string, signal: AbortSignal | undefined): Promise<OpenedSource> {
  const stats = await lstat(path).catch((cause: NodeJS.ErrnoException) => {
    const code = cause.code === 'EACCES' || cause.code === 'EPERM' ? 'file.denied' : 'file.missing';
    throw new AppError(code, `${path} cannot be read`, { cause });
  });
  if (stats.isDirectory()) return openFolder(path, signal);
  if (!stats.isFile()) throw new AppError('file.not-regular', `${basename(path)} is not a regular file`);
  if (stats.size > maxSourceBytes) {
    throw new AppError('model.unsupported', `${basename(path)} is larger than ${maxSourceBytes / 1024 ** 3} GB`);
  }
  if (stats.size === 0) throw new AppError('model.unsupported', `${basename(path)} is empty`);
  return openFile(path, stats.size, signal);
}

async function openFile(path: string, sizeBytes: number, signal: AbortSignal | undefined): Promise<OpenedSource> {
  const folder = join(path, '..');
  const head = await firstBytes(path, 512);
  if (head.subarray(257, 262).toString('latin1') === 'ustar') return openArchive(path, signal);
  const json = extname(path).toLowerCase() === '.json';
  if (paddleFile.test(path) || json) return { source: await openPaddle(path, signal), folder };
  if (isWeights(head)) return { source: openWeightsSource(path), folder };
  refuseOthers(path, sizeBytes);
  const model = readOnnx(path, sizeBytes);
  try {
    return { source: await openOnnxSource(model, { path, format: 'onnx', signal }), folder };
  } catch (thrown) {
    model[Symbol.dispose]();
    throw thrown;
  }
}

/** @throws {AppError} what `inspectOnnx` says of an ONNX file; of any other, that it is none of ours */
function refuseOthers(path: string, sizeBytes: number): void {
  try {
    inspectOnnx(path, sizeBytes);
  } catch (cause) {
    if (/\.onnx$/i.test(path)) throw cause;
    const message = `${basename(path)} holds neither weights of PyTorch, safetensors or Paddle nor an ONNX model`;
    throw new AppError('model.unsupported', message, { cause });
  }
}

/** A zip, a pickle, or the length and the opening brace of a safetensors header: what ONNX never begins with. */
function isWeights(head: Buffer): boolean {
  return head.subarray(0, 4).toString('latin1') === 'PK\x03\x04' || head[0] === 0x80 || head[8] === 0x7b;
}

async function openPaddle(path: string, signal: AbortSignal | undefined): Promise<Source> {
  const paddle = openPaddleInference(path);
  const model = { ...paddle.model, [Symbol.dispose]: () => paddle[Symbol.dispose]() };
  try {
    return await openOnnxSource(model, { path: paddle.path, format: paddle.format, signal });
  } catch (thrown) {
    paddle[Symbol.dispose]();
    throw thrown;
  }
}

async function openArchive(path: string, signal: AbortSignal | undefined): Promise<OpenedSource> {
  const folder = await mkdtemp(join(tmpdir(), 'labelwright-archive-'));
  const remove = () => void rm(folder, { recursive: true, force: true }).catch(() => undefined);
  try {
    await extractTar(path, folder);
    const { source } = await openFolder(folder, signal);
    const close = source[Symbol.dispose].bind(source);
    const wrapped: Source = {
      ...source,
      path,
      [Symbol.dispose]: () => {
        close();
        remove();
      },
    };
    return { source: wrapped, folder };
  } catch (thrown) {
    remove();
    throw thrown;
  }
}

/** One model, in the folder itself or in its only subfolder. */
async function openFolder(folder: string, signal: AbortSignal | undefined, depth = 0): Promise<OpenedSource> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new AppError('folder.unreadable', `${folder} cannot be read`, { cause });
  });
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  const programs = files.filter((name) => name.endsWith('.pdmodel'));
  const parameters = files.filter((name) => name.endsWith('.pdiparams'));
  if (parameters.length > 0) return { source: await openPaddle(folder, signal), folder };
  const models = files.filter((name) => modelFile.test(name) && !programs.includes(name));
  const [only] = models;
  if (models.length === 1 && only) {
    const path = join(folder, only);
    const { source } = await openFile(path, (await lstat(path)).size, signal);
    return { source, folder };
  }
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
  if (models.length === 0 && folders.length === 1 && depth < 2) {
    return openFolder(join(folder, folders[0]!.name), signal, depth + 1);
  }
  throw new AppError(
    'model.unsupported',
    models.length === 0
      ? `There is no model in ${basename(folder)}`
      : `There are several models in ${basename(folder)}: choose one of ${models.slice(0, 5).join(', ')}`,
  );
}

async function firstBytes(path: string, length: number): Promise<Buffer> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw new AppError('file.denied', `${basename(path)} cannot be opened`, { cause });
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
