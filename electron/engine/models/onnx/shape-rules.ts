/** @file Operator by operator: the shape of what a node gives, from the shapes of what it takes. */
import { intAttribute, intsAttribute } from './attributes.ts';
import type { OnnxNode } from './model.ts';
import {
  concat,
  expand,
  flatten,
  gather,
  pad,
  reshape,
  slice,
  split,
  squeeze,
  transpose,
  unsqueeze,
} from './layout-rules.ts';
import { broadcast, reduced, type Shape, type ShapeContext, type ShapeRule } from './shape-rule.ts';
import { slideWindow } from './window-shape.ts';

const same: ShapeRule = (_node, { shape }) => shape(0);
const convolution =
  (weight: number): ShapeRule =>
  (node, { shape }) =>
    slide(node, shape(0), shape(weight));
const matrices =
  (a: number, b: number): ShapeRule =>
  (_node, { shape }) =>
    multiply(shape(a), shape(b));

/** By domain and operator. Source: the operators' pages of the ONNX documentation and of onnxruntime's contrib ones. */
export const shapeRules: ReadonlyMap<string, ShapeRule> = new Map(
  Object.entries<ShapeRule>({
    ...Object.fromEntries(
      [
        // Numbers one by one.
        ...[
          'Abs',
          'Cast',
          'Ceil',
          'Clip',
          'Elu',
          'Erf',
          'Exp',
          'Floor',
          'Gelu',
          'HardSigmoid',
          'HardSwish',
          'Identity',
        ],
        ...['LeakyRelu', 'Log', 'Mish', 'Neg', 'Reciprocal', 'Relu', 'Round', 'Selu', 'Sigmoid', 'Softplus', 'Sqrt'],
        ...['Tanh', 'ThresholdedRelu', 'Dropout', 'QuantizeLinear', 'DequantizeLinear', 'Celu', 'Softsign', 'Swish'],
        // Rows by rows.
        ...['BatchNormalization', 'InstanceNormalization', 'LayerNormalization', 'GroupNormalization', 'LRN', 'PRelu'],
        ...['Softmax', 'LogSoftmax', 'LpNormalization', 'com.microsoft/QLinearSigmoid', 'com.microsoft/QLinearSoftmax'],
        ...['com.microsoft/QLinearLeakyRelu', 'com.microsoft/Gelu', 'com.microsoft/QuantizeLinear'],
        'com.microsoft/DequantizeLinear',
      ].map((operator) => [operator, same]),
    ),
    ...Object.fromEntries(
      ['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Max', 'Min', 'Sum', 'Mean', 'Where'].map((operator) => [operator, spread]),
    ),
    'com.microsoft/QLinearAdd': (_node, { shape }) => broadcast([shape(0), shape(3)]),
    'com.microsoft/QLinearMul': (_node, { shape }) => broadcast([shape(0), shape(3)]),
    Conv: convolution(1),
    ConvInteger: convolution(1),
    QLinearConv: convolution(3),
    'com.microsoft/FusedConv': convolution(1),
    Gemm: gemm(1),
    'com.microsoft/QGemm': gemm(3),
    MatMul: matrices(0, 1),
    MatMulInteger: matrices(0, 1),
    QLinearMatMul: matrices(0, 3),
    MaxPool: pool,
    AveragePool: pool,
    LpPool: pool,
    GlobalAveragePool: poolAll,
    GlobalMaxPool: poolAll,
    'com.microsoft/QLinearGlobalAveragePool': (node, { shape }) => {
      const input = shape(0);
      if (input && intAttribute(node, 'channels_last', 0) === 1)
        return input.map((size, axis) => (axis === 0 || axis === input.length - 1 ? size : 1));
      return allOnes(input);
    },
    ReduceMean: reduce,
    ReduceMax: reduce,
    ReduceMin: reduce,
    ReduceSum: reduce,
    ReduceProd: reduce,
    ReduceL2: reduce,
    ArgMax: (node, { shape }) =>
      reduced(shape(0), [intAttribute(node, 'axis', 0)], intAttribute(node, 'keepdims', 1) === 1),
    Concat: concat,
    Flatten: flatten,
    Reshape: reshape,
    Transpose: transpose,
    Squeeze: squeeze,
    Unsqueeze: unsqueeze,
    Pad: pad,
    Expand: expand,
    Gather: gather,
    Slice: slice,
    Split: split,
    Constant: (node) => {
      const value = node.attributes.get('value');
      return value?.type === 'tensor' ? value.value.shape : null;
    },
    Shape: (_node, { shape }) => {
      const input = shape(0);
      return input && [input.length];
    },
  }),
);

function spread(node: OnnxNode, { shape }: ShapeContext): Shape | null {
  return broadcast(node.inputs.map((_, index) => shape(index)));
}

function slide(node: OnnxNode, input: Shape | null, weight: Shape | null): Shape | null {
  if (!input || !weight || input.length < 3 || weight.length !== input.length) return null;
  if (input[1] !== weight[1]! * intAttribute(node, 'group', 1)) return null;
  const sizes = slideWindow(node, input.slice(2), weight.slice(2));
  return sizes && [input[0]!, weight[0]!, ...sizes];
}

function pool(node: OnnxNode, { shape }: ShapeContext): Shape | null {
  const input = shape(0);
  const kernel = intsAttribute(node, 'kernel_shape');
  if (!input || !kernel) return null;
  const sizes = slideWindow(node, input.slice(2), kernel);
  return sizes && [...input.slice(0, 2), ...sizes];
}

function poolAll(_node: OnnxNode, { shape }: ShapeContext): Shape | null {
  return allOnes(shape(0));
}

function allOnes(input: Shape | null): Shape | null {
  return input && input.map((size, axis) => (axis < 2 ? size : 1));
}

function gemm(second: number): ShapeRule {
  return (node, { shape }) => {
    const [a, b] = [shape(0), shape(second)];
    if (a?.length !== 2 || b?.length !== 2) return null;
    const flipped = (sizes: Shape, name: string) => (intAttribute(node, name, 0) === 1 ? sizes.toReversed() : sizes);
    return multiply(flipped(a, 'transA'), flipped(b, 'transB'));
  };
}

/** Stacks of matrices [..., M, K] and [..., K, N]. */
function multiply(a: Shape | null, b: Shape | null): Shape | null {
  if (!a || !b || a.length < 2 || b.length < 2 || a.at(-1) !== b.at(-2)) return null;
  const stack = broadcast([a.slice(0, -2), b.slice(0, -2)]);
  return stack && [...stack, a.at(-2)!, b.at(-1)!];
}

function reduce(node: OnnxNode, { shape, integers }: ShapeContext): Shape | null {
  const axes = node.inputs[1] ? integers(1) : (intsAttribute(node, 'axes') ?? []);
  if (!axes) return null;
  if (axes.length === 0 && intAttribute(node, 'noop_with_empty_axes', 0) === 1) return shape(0);
  return reduced(shape(0), axes, intAttribute(node, 'keepdims', 1) === 1);
}
