/** @file Small ResNeXt models with random weights, installed: in floats and in integers. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InstalledModel } from '../../electron/engine/models/manifest.ts';
import { buildResnext } from '../../electron/engine/models/onnx/build.ts';
import { tensorsToCalibrate } from '../../electron/engine/models/onnx/calibrate.ts';
import type { OnnxModel } from '../../electron/engine/models/onnx/model.ts';
import { quantize, type Range } from '../../electron/engine/models/onnx/quantize.ts';
import { writeOnnx } from '../../electron/engine/models/onnx/write.ts';
import { openRegistry } from '../../electron/engine/models/registry.ts';
import { parseArchitecture } from '../../electron/engine/models/resnext/names.ts';
import { randomTensors } from '../../electron/engine/models/resnext/random.ts';
import { temporaryFolder } from './library.ts';
import { writeModel } from './models.ts';

export const smallSide = 32;
export const smallClassCount = 10;

/** Groups of 4, 8, 16 and 32 channels. */
export function smallResnext(name = 'ResNeXt[1,1,1,1]_32x4d'): OnnxModel {
  const architecture = { ...parseArchitecture(name)!, classCount: smallClassCount };
  return buildResnext(architecture, randomTensors(architecture, 1), { foldBatchNorm: true, side: smallSide });
}

/** Of ranges that nobody measured: good for comparing bits. */
export function inIntegers(model: OnnxModel): OnnxModel {
  const ranges = new Map(tensorsToCalibrate(model).map((tensor): [string, Range] => [tensor, [-4, 4]]));
  return quantize(model, { ranges, floatFirstConvolution: false, floatClassifier: false });
}

export async function onnxBytes(model: OnnxModel): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'onnx-bytes-'));
  try {
    await writeOnnx(join(folder, 'model.onnx'), model);
    return readFileSync(join(folder, 'model.onnx'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export async function installed(model: OnnxModel, changes: Record<string, unknown> = {}): Promise<InstalledModel> {
  const folder = temporaryFolder();
  const size = { width: smallSide, height: smallSide };
  const labels = Array.from({ length: smallClassCount }, (_, index) => ({ name: `class ${index}` }));
  writeModel(
    join(folder, 'model'),
    await onnxBytes(model),
    {
      id: 'small',
      input: { name: 'input', layout: 'NCHW', ...size },
      preprocess: {
        shortSide: smallSide,
        cropWidth: smallSide,
        cropHeight: smallSide,
        mean: [0.485, 0.456, 0.406],
        std: [0.229, 0.224, 0.225],
      },
      outputs: { logits: 'logits', features: 'features' },
      ...changes,
    },
    labels,
  );
  return openRegistry([folder]).get('small');
}
