/** @file The trial itself: load the graph, feed it noise, keep what comes out and how long it took. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { AppError } from '#core/errors.ts';
import { runtimeWords } from './runtime-words.ts';
import { sessionOptions } from './session-options.ts';
import { noise } from './trial-pictures.ts';
import type { TrialPicture, TrialRequest, TrialResult, TrialValue } from './trial-protocol.ts';

/** One batch of pictures: 16 of 1024 × 1024 in float32 are 200 MB. */
const maxInputBytes = 256 * 1024 ** 2;
/** All outputs of one batch; class scores are a few kilobytes, whole feature maps a few megabytes. */
const maxOutputBytes = 256 * 1024 ** 2;

/**
 * Blocks this thread while it runs.
 *
 * @throws {AppError} 'model.invalid' if the graph does not load, run or fit; 'provider.failed' if it does not on a
 *   provider other than cpu
 */
export async function runModel(request: TrialRequest): Promise<TrialResult> {
  const loadStarted = performance.now();
  const session = await createSession(request);
  const loadMilliseconds = performance.now() - loadStarted;
  const inputs = session.inputMetadata.map(describe);
  const outputs = session.outputMetadata.map(describe);

  const batches: TrialResult['batches'] = [];
  for (const { rows, repeat, stopAfterMs = Infinity } of request.batches) {
    const feeds = feedsOf(session, rows, request);
    const milliseconds: number[] = [];
    let kept: TrialResult['batches'][number]['outputs'] = {};
    const started = performance.now();
    for (let run = 0; run < repeat && (run === 0 || performance.now() - started < stopAfterMs); run++) {
      const runStarted = performance.now();
      const values = await runOnce(session, feeds, request);
      milliseconds.push(performance.now() - runStarted);
      if (run === 0) kept = floatOutputs(values);
    }
    batches.push({ outputs: kept, milliseconds });
  }
  return { inputs, outputs, batches, loadMilliseconds };
}

/** @throws {AppError} 'model.invalid' if the model takes no pictures, or too large ones */
export function feedsOf(session: InferenceSession, rows: number, picture: TrialPicture): InferenceSession.FeedsType {
  const input = pictureInput(session.inputMetadata.map(describe), picture);
  return { [input.name]: pictures(input, rows, picture) };
}

/** @throws {AppError} 'model.invalid', 'provider.failed'; 'model.not-found', 'model.corrupt' of an arranged one */
export async function createSession(
  request: Pick<TrialRequest, 'file' | 'arranged' | 'provider' | 'threads'>,
): Promise<InferenceSession> {
  const { file, arranged, provider, threads } = request;
  const create = async (model: string | Uint8Array): Promise<InferenceSession> => {
    try {
      const options = sessionOptions(provider, threads);
      // The two forms are two overloads to TypeScript.
      return typeof model === 'string'
        ? await InferenceSession.create(model, options)
        : await InferenceSession.create(model, options);
    } catch (cause) {
      const reason = runtimeWords(cause, typeof model === 'string' ? model : undefined);
      if (provider !== 'cpu') throw new AppError('provider.failed', reason, { cause });
      throw new AppError('model.invalid', `The model cannot be loaded: ${reason}`, { cause });
    }
  };
  if (!arranged) return create(file);
  const { sha256, mergeWidth } = arranged;
  // Only now: most trials need none of it, and have seconds only.
  const { withModel } = await import('./private-model.ts');
  return withModel({ path: file, sha256 }, { mergeWidth, maps: provider === 'cpu' }, create);
}

async function runOnce(session: InferenceSession, feeds: InferenceSession.FeedsType, { provider, file }: TrialRequest) {
  try {
    return await session.run(feeds);
  } catch (cause) {
    if (provider !== 'cpu') throw new AppError('provider.failed', runtimeWords(cause, file), { cause });
    throw new AppError('model.invalid', `The model failed: ${runtimeWords(cause, file)}`, { cause });
  }
}

function describe(value: InferenceSession.ValueMetadata): TrialValue {
  return value.isTensor
    ? { name: value.name, type: value.type, shape: [...value.shape] }
    : { name: value.name, type: 'no tensor', shape: [] };
}

interface PictureInput {
  name: string;
  type: 'float32' | 'uint8';
  /** Without the batch. */
  rowShape: number[];
}

function pictureInput(inputs: TrialValue[], { width, height }: TrialPicture): PictureInput {
  const [input] = inputs;
  if (!input || inputs.length !== 1) {
    throw new AppError('model.invalid', `The model has ${inputs.length} inputs instead of one`);
  }
  const { name, type, shape } = input;
  const [, second, third, last] = shape;
  const layout = second === 3 || (typeof second !== 'number' && last !== 3) ? 'NCHW' : last === 3 ? 'NHWC' : null;
  if ((type !== 'float32' && type !== 'uint8') || shape.length !== 4 || !layout) {
    throw new AppError('model.invalid', `The input "${name}" takes no pictures: it is ${type} [${shape.join(', ')}]`);
  }
  const free = layout === 'NCHW' ? [3, height, width] : [height, width, 3];
  const rowShape = [second, third, last].map((size, at) => (typeof size === 'number' ? size : free[at]!));
  return { name, type, rowShape };
}

function pictures({ type, rowShape }: PictureInput, rows: number, { values }: TrialPicture): Tensor {
  const rowLength = rowShape.reduce((product, size) => product * size, 1);
  if (rowLength === 0 || rows * rowLength * (type === 'uint8' ? 1 : 4) > maxInputBytes) {
    throw new AppError('model.invalid', `The model wants pictures of ${rowShape.join(' × ')} numbers`);
  }
  const data = noise(rows, rowLength, type === 'uint8' ? 'bytes' : values);
  const floats = type === 'float32' ? Float32Array.from(data) : data;
  return new Tensor(type, floats, [rows, ...rowShape]);
}

function floatOutputs(values: InferenceSession.OnnxValueMapType): TrialResult['batches'][number]['outputs'] {
  const outputs: TrialResult['batches'][number]['outputs'] = {};
  let bytes = 0;
  for (const [name, value] of Object.entries(values)) {
    if (!(value instanceof Tensor)) continue;
    const { data } = value;
    if (!(data instanceof Float32Array || data instanceof Float64Array)) continue;
    bytes += data.length * 4;
    if (bytes > maxOutputBytes) {
      throw new AppError('model.invalid', `The output "${name}" has ${data.length} numbers`);
    }
    outputs[name] = { shape: [...value.dims], values: Float32Array.from(data) };
  }
  return outputs;
}
