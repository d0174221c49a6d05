/** @file Any ONNX classifier as a source: one picture input, one row of classes; looked at, probed, made batch-free. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '#core/errors.ts';
import { makeBatchFree } from '../onnx/batch.ts';
import { countCost } from '../onnx/cost.ts';
import type { OnnxModel, OnnxValue } from '../onnx/model.ts';
import { writeOnnx } from '../onnx/write.ts';
import { architectureName } from '../resnext/names.ts';
import { readStatement } from '../statement.ts';
import { findClassOutput, findFeatures, withFeatures, type ClassOutput } from './class-output.ts';
import { graphArchitecture } from './graph-architecture.ts';
import { probe, sameRows } from './probe.ts';
import type { Source } from './source.ts';

/** Where the graph leaves the size of its pictures open. */
const usualSide = 224;

/**
 * @param open    the graph, disposed of with the source
 * @param format  what it was read from
 * @throws {AppError} 'model.unsupported', 'model.invalid', 'aborted'
 */
export async function openOnnxSource(
  open: OnnxModel & Disposable,
  { path, format, signal }: { path: string; format: Source['format']; signal: AbortSignal | undefined },
): Promise<Source> {
  const input = pictureInput(open);
  const found = await settle(open, input, format === 'onnx' ? path : null, signal);
  const { model, output, fixedRows, changed } = found;
  const architecture = graphArchitecture(model, output.classCount);
  const { width, height } = input;
  const cost = countCost(model, { height, width });
  const said = readStatement(open);
  const statement = said?.labels.length === output.classCount ? said : null;
  return {
    path,
    format,
    architecture: architecture && architectureName(architecture),
    naming: null,
    parameterCount: cost?.parameterCount ?? null,
    macCount: cost?.macCount ?? null,
    classCount: output.classCount,
    input: { width, height, layout: input.layout, type: input.type },
    fixedRows,
    outputs: statement ? 'logits' : output.kind,
    freeSize: input.free,
    names: { input: input.name, output: output.name, features: output.features },
    stated: statement?.preprocess ?? null,
    ...(statement && { statement }),
    producer: /paddle/i.test(open.producer) || format !== 'onnx' || paddleNames.test(output.name) ? 'paddle' : null,
    model: () => (changed ? model : null),
    [Symbol.dispose]: () => open[Symbol.dispose](),
  };
}

/** Output names of PaddleClas exports. Source: PaddleClas deploy configurations, Paddle 3 programs. */
const paddleNames = /^(?:save_infer_model\/|softmax_\d+\.tmp_\d+$|fetch_name_\d+$)/;

interface PictureInput {
  name: string;
  layout: 'NCHW' | 'NHWC';
  type: 'float32' | 'uint8';
  width: number;
  height: number;
  free: boolean;
}

/** @throws {AppError} 'model.unsupported' naming what the input is instead */
function pictureInput({ graph }: OnnxModel): PictureInput {
  const [value, ...others] = graph.inputs;
  if (!value || others.length > 0) {
    throw new AppError(
      'model.unsupported',
      `A picture classifier has one input; this model has ${graph.inputs.length}`,
    );
  }
  const { name, type, shape } = value;
  if (shape.length !== 4) throw notAPicture(value);
  if (type !== 'float32' && type !== 'uint8') throw notAPicture(value);
  const [, second, third, last] = shape;
  const layout = second === 3 || (typeof second !== 'number' && last !== 3) ? 'NCHW' : 'NHWC';
  const sides = layout === 'NCHW' ? [third, last] : [second, third];
  const channels = layout === 'NCHW' ? second : last;
  if (typeof channels === 'number' && channels !== 3) throw notAPicture(value);
  const [height, width] = sides.map((side) => (typeof side === 'number' ? side : usualSide));
  if (!(height! >= 8 && height! <= 4096 && width! >= 8 && width! <= 4096)) throw notAPicture(value);
  const free = sides.some((side) => typeof side !== 'number');
  return { name, layout, type, width: width!, height: height!, free };
}

function notAPicture({ name, type, shape }: OnnxValue): AppError {
  const size = shape.map((side) => side ?? '?').join(', ');
  return new AppError(
    'model.unsupported',
    `The input "${name}" is ${type} [${size}]; pictures need float32 or uint8 [N, 3, H, W] or [N, H, W, 3]`,
  );
}

interface Settled {
  model: OnnxModel;
  output: ClassOutput;
  fixedRows: number | null;
  /** The graph differs from the file. */
  changed: boolean;
}

/** Try the graph, make its batch free and its features an output where the graph allows, each proven by a trial. */
async function settle(
  original: OnnxModel,
  input: PictureInput,
  file: string | null,
  signal: AbortSignal | undefined,
): Promise<Settled> {
  const rows = original.graph.inputs[0]!.shape[0];
  const folder = await mkdtemp(join(tmpdir(), 'labelwright-import-'));
  const attempt = async (model: OnnxModel, batches: number[]) => {
    const path = model === original && file !== null ? file : join(folder, 'model.onnx');
    if (path !== file) await writeOnnx(path, model);
    return probe(path, input, batches, signal);
  };
  try {
    const fixed = typeof rows === 'number' && rows > 0 ? rows : null;
    const first = await attempt(original, fixed === null ? [1, 4] : [fixed]);
    const output = findClassOutput(first.at(-1)!);
    if (fixed === null && !sameRows(first, output.name)) {
      throw new AppError('model.unsupported', 'The model gives a picture other scores when it comes with others');
    }
    let settled: Settled = { model: original, output, fixedRows: fixed, changed: file === null };
    if (fixed !== null) settled = (await tryFree(settled, attempt)) ?? settled;
    if (settled.output.features === null) settled = (await tryFeatures(settled, attempt)) ?? settled;
    return settled;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Attempt = (model: OnnxModel, batches: number[]) => ReturnType<typeof probe>;

async function tryFree(settled: Settled, attempt: Attempt): Promise<Settled | null> {
  const model = makeBatchFree(settled.model);
  if (!model) return null;
  const outputs = await attempt(model, [1, 4]).catch(unlessAborted);
  if (!outputs || !sameRows(outputs, settled.output.name)) return null;
  return { ...settled, model, fixedRows: null, changed: true };
}

async function tryFeatures(settled: Settled, attempt: Attempt): Promise<Settled | null> {
  const features = findFeatures(settled.model, settled.output.name);
  if (!features) return null;
  const model = withFeatures(settled.model, features);
  const rows = settled.fixedRows === null ? [1, 4] : [settled.fixedRows];
  const outputs = await attempt(model, rows).catch(unlessAborted);
  const shape = outputs?.at(-1)?.[features.name]?.shape;
  if (!outputs || shape?.length !== 2 || shape[1] !== features.width) return null;
  if (settled.fixedRows === null && !sameRows(outputs, features.name)) return null;
  return { ...settled, model, output: { ...settled.output, features: features.name }, changed: true };
}

function unlessAborted(thrown: unknown): null {
  const error = AppError.from(thrown);
  if (error.code === 'aborted' || error.code === 'disk.full') throw error;
  return null;
}
