/** @file Graphs of older operators under the version that quantized weights need. */
import type { OnnxModel } from './model.ts';

/** Since this version DequantizeLinear takes a scale for each output channel. Source: ONNX operator changelog. */
const wantedVersion = 13;
/** BatchNormalization has read its running statistics since. */
const oldestVersion = 9;
/**
 * Operators that mean the same in versions 9 to 13: only the types they take grew. Source: ONNX operator changelog.
 */
const unchanged = new Set(
  (
    'Add AveragePool BatchNormalization Cast Concat Constant Conv Div Flatten Gather Gemm GlobalAveragePool Identity ' +
    'LeakyRelu MatMul MaxPool Mul Relu Reshape Shape Sigmoid Sub Transpose'
  ).split(' '),
);

/** @returns null if some operator could mean something else under the newer version */
export function raiseOpset(model: OnnxModel): OnnxModel | null {
  const version = model.opsets.get('') ?? 1;
  if (version >= wantedVersion) return model;
  const isSafe =
    version >= oldestVersion &&
    !model.functions &&
    model.graph.nodes.every(({ domain, operator }) => domain !== '' || unchanged.has(operator));
  return isSafe ? { ...model, opsets: new Map(model.opsets).set('', wantedVersion) } : null;
}
