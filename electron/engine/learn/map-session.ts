/** @file A session of a network that ends in its last feature map. */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { AppError } from '#core/errors.ts';
import { allocateValues, pixelWriter } from '#core/pixel-values.ts';
import { withModel } from '../inference/private-model.ts';
import { sessionOptions } from '../inference/session-options.ts';
import type { InstalledModel } from '../models/manifest.ts';
import { foldConstants } from '../models/onnx/fold-constants.ts';
import { mergeGroups } from '../models/onnx/merge-groups.ts';
import { onlyNeeded } from '../models/onnx/needed.ts';
import { readOnnxBytes } from '../models/onnx/read.ts';
import { writeOnnxApart } from '../models/onnx/write-apart.ts';
import type { FeatureMap } from './activation-cells.ts';
import { findMap, type MapPlace } from './map-graph.ts';

export interface MapSession {
  classifier: MapPlace['classifier'];
  /** @param rgb  shape [H, W, 3], 0–255, as decoded for this model */
  run(rgb: Uint8Array): Promise<FeatureMap>;
  release(): Promise<void>;
}

/** As wide as a vector register of floats with AVX-512: narrower groups are slow one by one. */
const mergeWidth = 16;
/** One picture gains nothing from more. */
const maxThreads = 4;

/** @throws {AppError} 'model.unsupported' if there is no map; 'model.not-found', 'model.corrupt', 'model.invalid' */
export async function openMapSession({ folder, manifest, sha256 }: InstalledModel): Promise<MapSession> {
  const file = { path: join(folder, manifest.file), sha256 };
  // As bytes, because the graph changes before the runtime sees it.
  const { native, place } = await withModel(file, { mergeWidth: 0, maps: false }, async (bytes) => {
    const network = foldConstants(readOnnxBytes(bytes as Uint8Array));
    const place = findMap(network, manifest.outputs);
    const graph = onlyNeeded(network.graph, [{ name: place.name, type: 'float32', shape: [] }]);
    return { native: await load(mergeGroups({ ...network, graph }, mergeWidth)), place };
  });
  const { width, height, layout, type, name } = manifest.input;
  const shape = layout === 'NCHW' ? [3, height, width] : [height, width, 3];
  const [fixed] = native.inputMetadata.flatMap((input) => (input.isTensor ? [input.shape[0]] : []));
  const rows = typeof fixed === 'number' && fixed > 0 ? fixed : 1;
  const write = pixelWriter({ ...manifest.preprocess, type, layout });

  return {
    classifier: place.classifier,
    async run(rgb) {
      const values = allocateValues(type, rows * 3 * width * height);
      write(rgb, values, 0);
      const made = await native.run({ [name]: new Tensor(type, values, [rows, ...shape]) }).catch((cause: unknown) => {
        throw new AppError('inference.failed', `The model failed: ${String(cause).slice(0, 300)}`, { cause });
      });
      return firstMap(made[place.name], place);
    },
    release: () => native.release(),
  };
}

/** Weights in a file of their own are mapped by the runtime, not copied. */
async function load(model: Parameters<typeof writeOnnxApart>[1]): Promise<InferenceSession> {
  const folder = await mkdtemp(join(tmpdir(), 'labelwright-map-'));
  try {
    const path = await writeOnnxApart(folder, model);
    const threads = Math.min(maxThreads, availableParallelism());
    return await InferenceSession.create(path, sessionOptions('cpu', threads));
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('model.invalid', `The model cannot be loaded: ${String(cause).slice(0, 300)}`, { cause });
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }
}

function firstMap(
  value: InferenceSession.OnnxValueMapType[string] | undefined,
  { channelsLast }: MapPlace,
): FeatureMap {
  if (!(value instanceof Tensor) || !(value.data instanceof Float32Array) || value.dims.length !== 4) {
    throw new AppError('model.unsupported', 'What this model averages over is no map of a picture');
  }
  const [rows, ...sizes] = value.dims as [number, number, number, number];
  const [channels, height, width] = channelsLast ? [sizes[2], sizes[0], sizes[1]] : sizes;
  return { values: value.data.subarray(0, value.data.length / rows), channels, width, height, channelsLast };
}
