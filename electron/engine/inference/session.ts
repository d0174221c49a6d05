/** @file One ONNX session: loaded, tested with a plain picture, then rows of pixel values in, scores out. */
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { AppError } from '#core/errors.ts';
import { allocateValues, pixelWriter } from '#core/pixel-values.ts';
import type { ExecutionProvider } from '#core/providers.ts';
import type { InstalledModel } from '../models/manifest.ts';
import { calibratedScores } from './calibrated-scores.ts';
import { withModel } from './private-model.ts';
import { runtimeWords } from './runtime-words.ts';
import { outputTensors } from './output-tensors.ts';
import { sessionOptions } from './session-options.ts';

export interface ModelOutput {
  /** Shape [C], calibrated, each in [0, 1]. */
  scores: Float32Array;
  /** Shape [D], a copy of its own. */
  features: Float32Array | null;
}

export interface SessionOptions {
  /** Intra-op threads. */
  threads: number;
  /** Also compute features, if the model has them. */
  embeddings: boolean;
  /** Where to run; another is never tried in its place. */
  provider: ExecutionProvider;
  /** Channels that groups of convolutions are merged to, which changes the speed only; 0 leaves them as in the file. */
  mergeWidth: number;
}

export interface Session {
  /**
   * @param pictures  each of shape [H, W, 3], 0–255, as decoded for this model; they may lie in shared memory, and
   *   nothing of them is kept
   * @returns         one entry per picture, in order; null where the outputs were not finite
   * @throws {AppError} 'inference.failed'
   */
  run(pictures: readonly Uint8Array[]): Promise<(ModelOutput | null)[]>;
  release(): Promise<void>;
}

/**
 * @throws {AppError} 'model.corrupt', 'model.invalid' if the graph does not fit the manifest,
 *   'inference.failed' if the self-test gives no sensible scores, 'provider.failed' with the runtime's reason if a
 *   provider other than cpu takes no session or fails the self-test
 */
export async function openSession(model: InstalledModel, options: SessionOptions): Promise<Session> {
  const { manifest, labels } = model;
  const { width, height, type, layout } = manifest.input;
  const scoresName = manifest.outputs.scores ?? manifest.outputs.logits!;
  const featuresName = options.embeddings ? manifest.outputs.features : undefined;
  const fetched = featuresName === undefined ? [scoresName] : [scoresName, featuresName];

  const native = await createSession(model, options);
  const input = native.inputMetadata.find(({ name }) => name === manifest.input.name);
  const fixedRows = checkGraph(native, model, input);

  const write = pixelWriter({ ...manifest.preprocess, type, layout });
  const rowShape = layout === 'NCHW' ? [3, height, width] : [height, width, 3];
  const rowLength = 3 * width * height;
  let values = allocateValues(type, 0);
  const outputs = outputTensors(fetched);

  /** One `session.run`; `rows` may exceed the pictures when the graph wants a fixed number. */
  async function runOnce(pictures: readonly Uint8Array[], rows: number): Promise<(ModelOutput | null)[]> {
    if (values.length < rows * rowLength) values = allocateValues(type, rows * rowLength);
    pictures.forEach((rgb, row) => write(rgb, values, row));
    const tensor = new Tensor(type, values.subarray(0, rows * rowLength), [rows, ...rowShape]);
    let made: InferenceSession.OnnxValueMapType;
    try {
      made = outputs.of(rows, await native.run({ [manifest.input.name]: tensor }, outputs.fetches(rows)));
    } catch (cause) {
      throw new AppError('inference.failed', `The model failed: ${String(cause).slice(0, 300)}`, { cause });
    }
    const scores = floats(made[scoresName], rows, scoresName);
    if (scores.length !== rows * labels.length) {
      throw new AppError('model.invalid', `The model gives ${scores.length / rows} scores for ${labels.length} labels`);
    }
    const features = featuresName === undefined ? null : floats(made[featuresName], rows, featuresName);
    return pictures.map((_, row) => rowOutput(scores, features, row, rows));
  }

  function rowOutput(scores: Float32Array, features: Float32Array | null, row: number, rows: number) {
    const raw = rowOf(scores, row, rows);
    if (!raw.every(Number.isFinite)) return null;
    return {
      // Scores may come back as they are, but the next run overwrites them.
      scores: calibratedScores(raw, manifest),
      features: features && rowOf(features, row, rows).slice(),
    };
  }

  const session: Session = {
    async run(pictures) {
      if (fixedRows === null) return pictures.length === 0 ? [] : runOnce(pictures, pictures.length);
      const outputs: (ModelOutput | null)[] = [];
      for (let at = 0; at < pictures.length; at += fixedRows) {
        outputs.push(...(await runOnce(pictures.slice(at, at + fixedRows), fixedRows)));
      }
      return outputs;
    },
    release: () => native.release(),
  };
  try {
    await selfTest(session, rowLength, manifest.multiLabel ?? false);
  } catch (thrown) {
    await native.release();
    const { code, message } = AppError.from(thrown);
    if (options.provider === 'cpu' || code !== 'inference.failed') throw thrown;
    throw providerFailed(options.provider, message, thrown);
  }
  return session;
}

async function createSession(
  { folder, manifest, sha256 }: InstalledModel,
  { threads, provider, mergeWidth }: SessionOptions,
): Promise<InferenceSession> {
  const file = { path: join(folder, manifest.file), sha256 };
  return withModel(file, { mergeWidth, maps: provider === 'cpu' }, async (arranged) => {
    try {
      // The two forms are two overloads to TypeScript.
      return typeof arranged === 'string'
        ? await InferenceSession.create(arranged, sessionOptions(provider, threads))
        : await InferenceSession.create(arranged, sessionOptions(provider, threads));
    } catch (cause) {
      const reason = runtimeWords(cause, typeof arranged === 'string' ? arranged : undefined);
      if (provider !== 'cpu') throw providerFailed(provider, reason, cause);
      throw new AppError('model.invalid', `The model cannot be loaded: ${reason}`, { cause });
    }
  });
}

function providerFailed(provider: ExecutionProvider, reason: string, cause: unknown): AppError {
  return new AppError('provider.failed', `The model does not run on ${provider}: ${reason}`, {
    details: { provider },
    cause,
  });
}

/** @returns the number of rows the graph insists on, or null when any will do */
function checkGraph(
  native: InferenceSession,
  { manifest }: InstalledModel,
  input: InferenceSession.ValueMetadata | undefined,
): number | null {
  const { name, type, layout, width, height } = manifest.input;
  if (!input?.isTensor) throw new AppError('model.invalid', `The model has no input "${name}"`);
  if (native.inputNames.length !== 1) throw new AppError('model.invalid', 'The model has more than one input');
  const expected = layout === 'NCHW' ? [3, height, width] : [height, width, 3];
  const [rows, ...row] = input.shape;
  // A name, or a negative number, stands for any size.
  const fits = (found: unknown, wanted: number) => typeof found !== 'number' || found < 0 || found === wanted;
  if (input.type !== type || input.shape.length !== 4 || !row.every((size, at) => fits(size, expected[at]!))) {
    throw new AppError(
      'model.invalid',
      `The input is ${input.type} [${input.shape.join(', ')}] instead of ${type} [N, ${expected.join(', ')}]`,
    );
  }
  for (const name of Object.values(manifest.outputs)) {
    if (name !== undefined && !native.outputNames.includes(name)) {
      throw new AppError('model.invalid', `The model has no output "${name}"`);
    }
  }
  return typeof rows === 'number' && rows > 0 ? rows : null;
}

/** @returns [N, D], whatever ones follow in the shape: some graphs end in [N, D, 1, 1] */
function floats(
  value: InferenceSession.OnnxValueMapType[string] | undefined,
  rows: number,
  name: string,
): Float32Array {
  if (!(value instanceof Tensor) || !(value.data instanceof Float32Array) || !isRows(value.dims, rows)) {
    const found = value instanceof Tensor ? `${value.type} [${value.dims.join(', ')}]` : 'no tensor';
    throw new AppError('model.invalid', `Output "${name}" is ${found} instead of float32 [${rows}, …]`);
  }
  return value.data;
}

function isRows([first, length, ...rest]: readonly number[], rows: number): boolean {
  return first === rows && length !== undefined && rest.every((size) => size === 1);
}

function rowOf(data: Float32Array, row: number, rows: number): Float32Array {
  const length = data.length / rows;
  return data.subarray(row * length, (row + 1) * length);
}

/** One mid-grey picture: finite scores that sum to one, unless each category is judged by itself. */
async function selfTest(session: Session, rowLength: number, multiLabel: boolean): Promise<void> {
  const [output] = await session.run([new Uint8Array(rowLength).fill(128)]);
  const sum = output?.scores.reduce((total, score) => total + score, 0) ?? Number.NaN;
  const inRange = output?.scores.every((score) => score >= 0 && score <= 1) ?? false;
  if (!inRange || (!multiLabel && Math.abs(sum - 1) > 1e-2)) {
    throw new AppError('inference.failed', 'The model gives no sensible scores for a plain picture');
  }
}
