/**
 * @file A ResNeXt-50 32x4d as large as the real one, with weights from a seed, in two model folders: in float and in
 * integers. Speed does not depend on what a network was taught, and nothing has to be downloaded.
 */
import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { pixelWriter } from '#core/pixel-values.ts';
import { prepare } from '../../electron/engine/inference/classify.ts';
import type { Manifest } from '../../electron/engine/models/manifest.ts';
import { buildResnext } from '../../electron/engine/models/onnx/build.ts';
import { Calibration, tensorsToCalibrate, withOutputs } from '../../electron/engine/models/onnx/calibrate.ts';
import { countCost } from '../../electron/engine/models/onnx/cost.ts';
import { foldBatchNormNodes } from '../../electron/engine/models/onnx/fold-batch-norm-nodes.ts';
import { foldConstants } from '../../electron/engine/models/onnx/fold-constants.ts';
import type { OnnxModel } from '../../electron/engine/models/onnx/model.ts';
import { quantize } from '../../electron/engine/models/onnx/quantize.ts';
import { readOnnx } from '../../electron/engine/models/onnx/read.ts';
import { writeOnnx } from '../../electron/engine/models/onnx/write.ts';
import { parseArchitecture } from '../../electron/engine/models/resnext/names.ts';
import { randomTensors } from '../../electron/engine/models/resnext/random.ts';

/** Changes whenever the files would. */
const modelsVersion = 1;

export const floatId = 'bench-resnext50';
export const integerId = 'bench-resnext50-int8';

export interface BenchModels {
  /** Holds both model folders. */
  folder: string;
  floatPath: string;
  integerPath: string;
  /** Multiply-accumulates for one picture. */
  macCount: number;
}

const side = 224;
const seed = 20_261_124;
/** As torchvision's model of this architecture has it. Source: torchvision, `ResNeXt50_32X4D_Weights.IMAGENET1K_V1`. */
const preprocess: Manifest['preprocess'] = {
  fit: 'short-side',
  shortSide: 256,
  cropWidth: side,
  cropHeight: side,
  kernel: 'linear',
  antialias: true,
  rounding: 'torchvision',
  channels: 'rgb',
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
};

/**
 * @param photos  that the ranges of the integers are measured on
 * @param anew    also when they lie there from before: the quantizer may have changed since
 */
export async function makeBenchModels(home: string, photos: readonly string[], anew: boolean): Promise<BenchModels> {
  const folder = join(home, `models-${modelsVersion}`);
  const architecture = parseArchitecture('ResNeXt50_32x4d')!;
  const built = buildResnext(architecture, randomTensors(architecture, seed), { foldBatchNorm: false, side });
  const floatPath = join(folder, floatId, 'model.onnx');
  const integerPath = join(folder, integerId, 'model.onnx');
  const models = {
    folder,
    floatPath,
    integerPath,
    macCount: countCost(built, { width: side, height: side })!.macCount,
  };
  const isThere = await access(join(folder, integerId)).then(
    () => true,
    () => false,
  );
  if (isThere && !anew) return models;

  const model = foldBatchNormNodes(foldConstants(built));
  await writeFolder(folder, floatId, 'ResNeXt-50 of random weights, float', model);
  using float = readOnnx(floatPath);
  const ranges = (await calibrate(float, photos, join(folder, 'all-outputs.onnx'))).percentile(0.9999);
  const integer = quantize(float, { ranges, floatFirstConvolution: false, floatClassifier: true });
  await writeFolder(folder, integerId, 'ResNeXt-50 of random weights, integers', integer);
  return models;
}

/** Whole or not at all, so that a bench that was broken off leaves nothing half made. */
async function writeFolder(home: string, id: string, title: string, model: OnnxModel): Promise<void> {
  const folder = join(home, id);
  const part = `${folder}.part`;
  await rm(folder, { recursive: true, force: true });
  await rm(part, { recursive: true, force: true });
  await mkdir(part, { recursive: true });
  const { sha256, sizeBytes } = await writeOnnx(join(part, 'model.onnx'), model);
  const classCount = Number(model.graph.outputs[0]!.shape[1]);
  const labels = Array.from({ length: classCount }, (_, index) => ({ name: `class ${index}` }));
  await writeFile(join(part, 'labels.json'), JSON.stringify({ labels }));
  const manifest = {
    version: 1,
    id,
    title,
    family: 'ResNeXt',
    description: 'For measuring speed only: it knows nothing.',
    file: 'model.onnx',
    sha256,
    sizeBytes,
    input: { name: 'input', layout: 'NCHW', type: 'float32', width: side, height: side },
    preprocess,
    outputs: { logits: 'logits', features: 'features' },
    labels: 'labels.json',
    licence: 'CC0-1.0',
  };
  await writeFile(join(part, 'model.json'), JSON.stringify(manifest, null, 2));
  await rename(part, folder);
}

/** @param scratchPath  for a file that is gone afterwards */
async function calibrate(model: OnnxModel, photos: readonly string[], scratchPath: string): Promise<Calibration> {
  const names = tensorsToCalibrate(model);
  const calibration = new Calibration(names);
  try {
    await writeOnnx(scratchPath, withOutputs(model, names));
    const session = await InferenceSession.create(scratchPath, { intraOpNumThreads: 1, logSeverityLevel: 3 });
    const write = pixelWriter({ ...preprocess, type: 'float32', layout: 'NCHW' });
    const values = new Float32Array(3 * side * side);
    for (const [id, path] of photos.entries()) {
      const { rgb } = await prepare({ id, path }, { preprocess });
      if (!rgb) throw new Error(`${path} cannot be decoded`);
      write(rgb, values, 0);
      calibration.add('input', values);
      const outputs = await session.run({ input: new Tensor('float32', values, [1, 3, side, side]) });
      for (const [name, { data }] of Object.entries(outputs)) calibration.add(name, data as Float32Array);
    }
    await session.release();
  } finally {
    await rm(scratchPath, { force: true });
  }
  return calibration;
}
