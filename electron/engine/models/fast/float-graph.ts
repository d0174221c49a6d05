/** @file The float graph of a model as quantization takes it: constants and BatchNormalizations folded. */
import { foldBatchNormNodes } from '../onnx/fold-batch-norm-nodes.ts';
import { foldConstants } from '../onnx/fold-constants.ts';
import type { OnnxModel } from '../onnx/model.ts';
import { readOnnx } from '../onnx/read.ts';

/**
 * Open until it is disposed of: weights are read from the file when they are needed.
 *
 * @param path  absolute
 * @throws {AppError} as `readOnnx`
 */
export function openFloatGraph(path: string): OnnxModel & Disposable {
  const file = readOnnx(path);
  return { ...foldBatchNormNodes(foldConstants(file)), [Symbol.dispose]: () => file[Symbol.dispose]() };
}
