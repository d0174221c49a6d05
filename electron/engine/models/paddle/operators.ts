/** @file Each Paddle operator that a ResNeXt export uses, as ONNX nodes (operator set 17). */
import { AppError } from '#core/errors.ts';
import type { LazyTensor } from '#core/tensor.ts';
import type { OnnxAttribute } from '../onnx/model.ts';
import { int, ints, scalar, sizes, transposed, type Conversion } from './conversion.ts';
import { convertPool } from './pool.ts';
import {
  boolAttribute,
  intAttribute,
  intsAttribute,
  numberAttribute,
  textAttribute,
  unsupported,
  type PaddleOperator,
} from './program.ts';
import { windowAttributes } from './window.ts';

type Convert = (operator: PaddleOperator, conversion: Conversion) => void;

/** By ProgramDesc's names. Source of defaults: Paddle, paddle/phi/ops/yaml (ops.yaml, op_compat.yaml). */
const converters: ReadonlyMap<string, Convert> = new Map<string, Convert>([
  ['conv2d', convolution],
  ['depthwise_conv2d', convolution],
  ['batch_norm', batchNorm],
  ['sync_batch_norm', batchNorm],
  ['pool2d', convertPool],
  ['relu', unary('Relu')],
  ['sigmoid', unary('Sigmoid')],
  ['softmax', softmax],
  ['elementwise_add', add],
  ['flatten_contiguous_range', flatten],
  ['reshape2', reshape],
  ['squeeze2', squeeze],
  ['matmul', matmul],
  ['matmul_v2', matmul],
  ['mul', mul],
  ['linear_v2', linear],
  ['scale', scale],
  ['dropout', dropout],
  ['assign', (operator, conversion) => alias(operator, conversion)],
]);

/** @throws {AppError} 'model.unsupported' naming the operator, 'model.invalid' if it does not fit together */
export function convertOperator(operator: PaddleOperator, conversion: Conversion): void {
  const convert = converters.get(operator.type);
  if (!convert) throw unsupported(`it uses the operator "${operator.label.slice(0, 80)}"`);
  convert(operator, conversion);
}

function unary(node: string): Convert {
  return (operator, conversion) => void conversion.emit(operator, 'Out', node, [conversion.input(operator, 'X')]);
}

/** The output is the input under another name. */
function alias(operator: PaddleOperator, conversion: Conversion): void {
  conversion.define(conversion.outputOf(operator, 'Out'), conversion.input(operator, 'X'));
}

/** Weights [out, in / groups, height, width], as in ONNX. */
function convolution(operator: PaddleOperator, conversion: Conversion): void {
  if (textAttribute(operator, 'data_format', 'NCHW') === 'NHWC') throw unsupported('it is laid out NHWC');
  const filter = conversion.weights(operator, 'Filter', 4);
  const groups = intAttribute(operator, 'groups', 1);
  const dilations = intsAttribute(operator, 'dilations', [1, 1]);
  const channels = conversion.shapeOf(conversion.valueOf(operator, 'Input'))?.[1] ?? -1;
  const [outs, ins] = filter.shape as [number, number];
  if (groups < 1 || outs % groups !== 0 || (channels > 0 && channels !== ins * groups)) {
    throw new AppError(
      'model.invalid',
      `The weights "${conversion.valueOf(operator, 'Filter')}" [${filter.shape.join(', ')}] do not fit ${channels} channels in ${groups} groups`,
    );
  }
  conversion.emit(
    operator,
    'Output',
    'Conv',
    [conversion.input(operator, 'Input'), conversion.input(operator, 'Filter')],
    {
      ...windowAttributes(operator, filter.shape.slice(2), dilations),
      dilations: ints(dilations),
      group: int(groups),
    },
  );
}

function batchNorm(operator: PaddleOperator, conversion: Conversion): void {
  if (textAttribute(operator, 'data_layout', 'NCHW') === 'NHWC') throw unsupported('it is laid out NHWC');
  const isTest = boolAttribute(operator, 'is_test', true) || boolAttribute(operator, 'use_global_stats', false);
  if (!isTest) throw unsupported('it was exported for training');
  const slots = ['Scale', 'Bias', 'Mean', 'Variance'];
  const channels = slots.map((slot) => conversion.weights(operator, slot, 1).shape[0]!);
  const given = conversion.shapeOf(conversion.valueOf(operator, 'X'))?.[1] ?? -1;
  if (new Set(given > 0 ? [...channels, given] : channels).size !== 1) {
    throw new AppError(
      'model.invalid',
      `The weights of the batch norm "${conversion.valueOf(operator, 'Scale')}" do not fit its channels`,
    );
  }
  const inputs = ['X', ...slots].map((slot) => conversion.input(operator, slot));
  const epsilon: OnnxAttribute = { type: 'float', value: numberAttribute(operator, 'epsilon', 1e-5) };
  conversion.emit(operator, 'Y', 'BatchNormalization', inputs, { epsilon });
}

function softmax(operator: PaddleOperator, conversion: Conversion): void {
  const axis = int(intAttribute(operator, 'axis', -1));
  conversion.emit(operator, 'Out', 'Softmax', [conversion.input(operator, 'X')], { axis });
}

/** Y may begin at an axis of X; ONNX aligns the last axes, so Y gets the missing ones. */
function add(operator: PaddleOperator, conversion: Conversion): void {
  const axis = intAttribute(operator, 'axis', -1);
  const rank = conversion.shapeOf(conversion.valueOf(operator, 'X'))?.length ?? null;
  const shape = conversion.shapeOf(conversion.valueOf(operator, 'Y'));
  let other: string;
  if (axis === -1 || (rank !== null && shape !== null && (shape.length === rank || axis === rank - shape.length))) {
    other = conversion.input(operator, 'Y');
  } else {
    const weights = conversion.parameter(operator, 'Y');
    const missing = rank === null || shape === null ? -1 : rank - axis - shape.length;
    if (!weights || missing < 0 || axis < 0) throw unsupported(`it adds along the axis ${axis} in a way of its own`);
    if (weights.type !== 'float32')
      throw unsupported(`the weights "${conversion.valueOf(operator, 'Y')}" are ${weights.type}`);
    const aligned: LazyTensor = { ...weights, shape: [...weights.shape, ...Array<number>(missing).fill(1)] };
    other = conversion.constant(conversion.valueOf(operator, 'Y'), aligned);
  }
  conversion.emit(operator, 'Out', 'Add', [conversion.input(operator, 'X'), other]);
}

/** [N, …] to [N, D]; ONNX' own Flatten does just that. */
function flatten(operator: PaddleOperator, conversion: Conversion): void {
  const start = intAttribute(operator, 'start_axis', 1);
  const stop = intAttribute(operator, 'stop_axis', 1);
  const rank = conversion.shapeOf(conversion.valueOf(operator, 'X'))?.length ?? null;
  if (start !== 1 || (stop !== -1 && (rank === null || stop !== rank - 1))) {
    throw unsupported(`it flattens the axes ${start} to ${stop}`);
  }
  conversion.emit(operator, 'Out', 'Flatten', [conversion.input(operator, 'X')], { axis: int(1) });
}

/** 0 keeps a size and -1 is what is left, in both. */
function reshape(operator: PaddleOperator, conversion: Conversion): void {
  if (conversion.has(operator, 'Shape') || conversion.has(operator, 'ShapeTensor')) {
    throw unsupported('a reshape computes its sizes');
  }
  const shape = intsAttribute(operator, 'shape', null);
  if (shape.some((size) => size < -1) || shape.filter((size) => size === -1).length > 1) {
    throw new AppError('model.invalid', `The Paddle model is damaged: it reshapes to [${shape.join(', ')}]`);
  }
  const target = conversion.constant('shape', sizes(shape));
  conversion.emit(operator, 'Out', 'Reshape', [conversion.input(operator, 'X'), target]);
}

function squeeze(operator: PaddleOperator, conversion: Conversion): void {
  const axes = intsAttribute(operator, 'axes', []);
  // Without axes a batch of one would lose its batch.
  if (axes.length === 0) throw unsupported('a squeeze names no axes');
  const target = conversion.constant('axes', sizes(axes));
  conversion.emit(operator, 'Out', 'Squeeze', [conversion.input(operator, 'X'), target]);
}

/** `matmul` has `transpose_X` and `alpha`, `matmul_v2` has `trans_x`. */
function matmul(operator: PaddleOperator, conversion: Conversion): void {
  const old = operator.type === 'matmul';
  if (boolAttribute(operator, old ? 'transpose_X' : 'trans_x', false))
    throw unsupported('a matmul turns its first operand');
  const turned = boolAttribute(operator, old ? 'transpose_Y' : 'trans_y', false);
  const alpha = old ? numberAttribute(operator, 'alpha', 1) : 1;
  product(operator, conversion, conversion.input(operator, 'X'), { slot: 'Y', turned }, alpha);
}

/** X is flattened to two sizes. */
function mul(operator: PaddleOperator, conversion: Conversion): void {
  if (intAttribute(operator, 'x_num_col_dims', 1) !== 1 || intAttribute(operator, 'y_num_col_dims', 1) !== 1) {
    throw unsupported('a mul keeps more than one axis');
  }
  const value = conversion.valueOf(operator, 'X');
  const x = conversion.input(operator, 'X');
  const flat =
    conversion.shapeOf(value)?.length === 2 ? x : conversion.inner(`${value}.flat`, 'Flatten', [x], { axis: int(1) });
  product(operator, conversion, flat, { slot: 'Y', turned: false }, 1);
}

/** Weights [in, out]; with a bias [out] or none. */
function linear(operator: PaddleOperator, conversion: Conversion): void {
  const turned = boolAttribute(operator, 'transpose_weight', false);
  const x = conversion.input(operator, 'X');
  if (!conversion.has(operator, 'Bias')) return product(operator, conversion, x, { slot: 'Weight', turned }, 1);
  const output = conversion.outputOf(operator, 'Out');
  const weights = matrix(operator, conversion, { slot: 'Weight', turned });
  const sum = conversion.inner(`${output}.product`, 'MatMul', [x, weights]);
  conversion.emit(operator, 'Out', 'Add', [sum, conversion.input(operator, 'Bias')]);
}

function product(
  operator: PaddleOperator,
  conversion: Conversion,
  x: string,
  weights: { slot: string; turned: boolean },
  alpha: number,
): void {
  const factors = [x, matrix(operator, conversion, weights)];
  if (alpha === 1) conversion.emit(operator, 'Out', 'MatMul', factors);
  else {
    const output = conversion.outputOf(operator, 'Out');
    const plain = conversion.inner(`${output}.product`, 'MatMul', factors);
    conversion.emit(operator, 'Out', 'Mul', [plain, conversion.constant('alpha', scalar(alpha))]);
  }
}

/** Stored weights [in, out], the way ONNX multiplies. */
function matrix(
  operator: PaddleOperator,
  conversion: Conversion,
  { slot, turned }: { slot: string; turned: boolean },
): string {
  const weights = conversion.weights(operator, slot, 2);
  const name = conversion.input(operator, slot);
  return turned ? conversion.constant(`${name}.turned`, transposed(weights)) : name;
}

function scale(operator: PaddleOperator, conversion: Conversion): void {
  if (conversion.has(operator, 'ScaleTensor')) throw unsupported('a scale computes its factor');
  const factor = numberAttribute(operator, 'scale', 1);
  const bias = numberAttribute(operator, 'bias', 0);
  const shift = boolAttribute(operator, 'bias_after_scale', true) ? bias : bias * factor;
  linearly(operator, conversion, factor, shift);
}

/** Out of training, one kind of dropout leaves values as they are and the other makes up for what training keeps. */
function dropout(operator: PaddleOperator, conversion: Conversion): void {
  const kind = textAttribute(operator, 'dropout_implementation', 'downgrade_in_infer');
  if (kind === 'upscale_in_train') return alias(operator, conversion);
  if (kind !== 'downgrade_in_infer') throw unsupported(`it has a dropout of the kind "${kind.slice(0, 80)}"`);
  linearly(operator, conversion, 1 - numberAttribute(operator, 'dropout_prob', 0.5), 0);
}

/** factor × X + shift, of which exports are full with factor 1 and shift 0. */
function linearly(operator: PaddleOperator, conversion: Conversion, factor: number, shift: number): void {
  if (factor === 1 && shift === 0) return alias(operator, conversion);
  const x = conversion.input(operator, 'X');
  const by = conversion.constant('factor', scalar(factor));
  if (shift === 0) return void conversion.emit(operator, 'Out', 'Mul', [x, by]);
  const scaled = conversion.inner(`${conversion.outputOf(operator, 'Out')}.scaled`, 'Mul', [x, by]);
  conversion.emit(operator, 'Out', 'Add', [scaled, conversion.constant('shift', scalar(shift))]);
}
