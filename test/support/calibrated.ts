/** @file Ranges of a model's values, measured as the engine's callers do it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { Calibration, tensorsToCalibrate, withOutputs } from '../../electron/engine/models/onnx/calibrate.ts';
import type { OnnxModel } from '../../electron/engine/models/onnx/model.ts';
import { writeOnnx } from '../../electron/engine/models/onnx/write.ts';

/** @param pictures  each of shape [1, …`shape`] */
export async function calibrated(
  model: OnnxModel,
  pictures: readonly Float32Array[],
  shape: readonly number[],
): Promise<Calibration> {
  const folder = mkdtempSync(join(tmpdir(), 'onnx-calibration-'));
  try {
    const names = tensorsToCalibrate(model);
    const path = join(folder, 'model.onnx');
    await writeOnnx(path, withOutputs(model, names));
    const session = await InferenceSession.create(path, { intraOpNumThreads: 1, logSeverityLevel: 4 });
    const calibration = new Calibration(names);
    const input = model.graph.inputs[0]!.name;
    for (const picture of pictures) {
      calibration.add(input, picture);
      const outputs = await session.run({ [input]: new Tensor('float32', picture, [1, ...shape]) });
      for (const [name, { data }] of Object.entries(outputs)) calibration.add(name, data as Float32Array);
    }
    await session.release();
    return calibration;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
