/** @file What a model costs: how many numbers were trained, how many multiplications one picture takes. */
import { elementCount } from '#core/tensor.ts';
import { intAttribute } from './attributes.ts';
import { inferShapes } from './infer-shapes.ts';
import type { OnnxGraph, OnnxModel, OnnxNode, OnnxValue } from './model.ts';
import { product, type Shape } from './shape-rule.ts';

export interface Cost {
  /**
   * Weights and biases, with scale and bias of normalizations but without their running mean and variance. Where a
   * BatchNorm was folded into its convolution, its two numbers a channel count as the one bias that is left.
   */
  parameterCount: number;
  /** Multiply-accumulates of convolutions and matrix products for one picture: what PaddleClas calls FLOPs. */
  macCount: number;
}

/**
 * @param input  size of the picture, pixels
 * @returns      null if the shape of some tensor on the way cannot be told
 * @throws {AppError} 'model.corrupt' if a constant of it cannot be read
 */
export function countCost(model: OnnxModel, input: { height: number; width: number }): Cost | null {
  const [picture, ...others] = model.graph.inputs;
  if (picture?.shape.length !== 4 || others.length > 0) return null;
  // A graph that is made for several pictures at a time can only be followed with so many.
  const rows = typeof picture.shape[0] === 'number' ? picture.shape[0] : 1;
  const { shapes, unknown } = inferShapes(model, new Map([[picture.name, [rows, ...pictureSizes(picture, input)]]]));
  if (unknown) return null;
  const macCount = model.graph.nodes.reduce((sum, node) => sum + countMacs(node, shapes), 0) / rows;
  const parameterCount = countParameters(model.graph);
  return Number.isSafeInteger(parameterCount + macCount) ? { parameterCount, macCount } : null;
}

function pictureSizes({ shape }: OnnxValue, { height, width }: { height: number; width: number }): Shape {
  const [, second, , last] = shape;
  if (last === 3 && second !== 3) return [height, width, 3];
  return [typeof second === 'number' ? second : 3, height, width];
}

/** Where the weights of a convolution, or the second matrix of a product, stand among the inputs. */
const convolutionWeights = new Map([
  ['Conv', 1],
  ['FusedConv', 1],
  ['ConvInteger', 1],
  ['QLinearConv', 3],
]);
const products = new Set(['Gemm', 'QGemm', 'MatMul', 'MatMulInteger', 'QLinearMatMul']);

function countMacs(node: OnnxNode, shapes: ReadonlyMap<string, Shape>): number {
  const output = shapes.get(node.outputs[0]!);
  if (!output) return 0;
  const weight = convolutionWeights.get(node.operator);
  // Of the weights [O, I / groups, kH, kW], each output takes all but the first axis.
  if (weight !== undefined) return product(output) * product(shapes.get(node.inputs[weight]!)!.slice(1));
  if (!products.has(node.operator)) return 0;
  const first = shapes.get(node.inputs[0]!)!;
  const inner = intAttribute(node, 'transA', 0) === 1 ? first.at(-2) : first.at(-1);
  return product(output) * inner!;
}

/** Inputs that are settings or statistics, by operator; what was trained stands at the others. */
const untrained: ReadonlyMap<string, readonly number[]> = new Map(
  Object.entries({
    BatchNormalization: [3, 4],
    QuantizeLinear: [1, 2],
    DequantizeLinear: [1, 2],
    QLinearConv: [1, 2, 4, 5, 6, 7],
    QLinearMatMul: [1, 2, 4, 5, 6, 7],
    QGemm: [1, 2, 4, 5, 7, 8],
    ConvInteger: [2, 3],
    MatMulInteger: [2, 3],
    Clip: [1, 2],
    Pad: [1, 2],
    Pow: [1],
    Resize: [1, 2, 3],
  }),
);
const weightTypes = new Set(['float32', 'float16', 'bfloat16', 'float64']);
/** Integers are weights only where these read them. */
const quantized = new Set([
  'DequantizeLinear',
  'QLinearConv',
  'QLinearMatMul',
  'QGemm',
  'ConvInteger',
  'MatMulInteger',
]);

function countParameters({ nodes, initializers }: OnnxGraph): number {
  const weights = new Map<string, number>();
  const constants = new Map(initializers);
  for (const { operator, outputs, attributes } of nodes) {
    const value = attributes.get('value');
    if (operator === 'Constant' && value?.type === 'tensor') constants.set(outputs[0]!, value.value);
  }
  for (const { operator, inputs } of nodes) {
    for (const [index, name] of inputs.entries()) {
      const tensor = constants.get(name);
      // A scalar is a setting, whoever reads it.
      if (!tensor || tensor.shape.length === 0 || untrained.get(operator)?.includes(index)) continue;
      if (weightTypes.has(tensor.type) || quantized.has(operator)) weights.set(name, elementCount(tensor.shape));
    }
  }
  return [...weights.values()].reduce((sum, count) => sum + count, 0);
}
