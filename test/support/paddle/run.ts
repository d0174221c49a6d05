/** @file A converted model, written as a file and run. */
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import type { OnnxModel } from '../../../electron/engine/models/onnx/model.ts';
import { writeOnnx } from '../../../electron/engine/models/onnx/write.ts';
import type { Weights } from './params.ts';

/** @returns the outputs by name */
export async function runModel(model: OnnxModel, folder: string, input: Weights): Promise<Record<string, Weights>> {
  const path = join(folder, 'converted.onnx');
  await writeOnnx(path, model);
  const session = await ort.InferenceSession.create(path, { logSeverityLevel: 3 });
  try {
    const feed = { [model.graph.inputs[0]!.name]: new ort.Tensor('float32', input.values, [...input.shape]) };
    const outputs = await session.run(feed);
    return Object.fromEntries(
      Object.entries(outputs).map(([name, { dims, data }]) => [name, { shape: dims, values: data as Float32Array }]),
    );
  } finally {
    await session.release();
  }
}

export function largestDifference(found: Float32Array, expected: Float32Array): number {
  if (found.length !== expected.length) return Infinity;
  return found.reduce((largest, value, at) => Math.max(largest, Math.abs(value - expected[at]!)), 0);
}
