/** @file Where in a network's graph the last feature map lies, and which weights its own classifier gives the channels. */
import { AppError } from '#core/errors.ts';
import { readFloats } from '#core/tensor.ts';
import type { Manifest } from '../models/manifest.ts';
import { intAttribute, intsAttribute } from '../models/onnx/attributes.ts';
import { inferShapes } from '../models/onnx/infer-shapes.ts';
import { Integers } from '../models/onnx/integers.ts';
import type { OnnxModel, OnnxNode } from '../models/onnx/model.ts';
import { findMakers } from '../models/onnx/uses.ts';

export interface MapPlace {
  /** The tensor whose mean over its cells the features are. */
  name: string;
  /** [N, H, W, D] instead of [N, D, H, W]. */
  channelsLast: boolean;
  /** Of the network's own classifier, [C, D]; null where it does not read the features as they are. */
  classifier: { weights: Float32Array; width: number } | null;
}

/** Real graphs have one or two nodes between what is looked for here. */
const maxSteps = 8;
const keepsNumbers = new Set(['Flatten', 'Reshape', 'Squeeze', 'Unsqueeze', 'Identity', 'Dropout']);
/** Between the classifier and the output: what leaves the order of evidence within one category as it is. */
const keepsOrder = new Set([...keepsNumbers, 'Softmax', 'Sigmoid', 'LogSoftmax', 'Add']);

/**
 * @param model  with its constants folded, as `foldConstants`
 * @throws {AppError} 'model.unsupported' if its features are not the mean over a map
 */
export function findMap(model: OnnxModel, outputs: Manifest['outputs']): MapPlace {
  const makers = findMakers(model.graph);
  const linear = findLinear(model, makers, outputs.logits ?? outputs.scores!);
  const features = outputs.features ?? linear?.input;
  const pooling = features === undefined ? null : findPooling(model, makers, features);
  if (!pooling) {
    throw new AppError('model.unsupported', 'This model does not average over a map, so there is none to draw from');
  }
  const reads = linear && findPooling(model, makers, linear.input);
  const own = reads?.name === pooling.name ? linear : null;
  return { ...pooling, classifier: own && { weights: own.weights(), width: own.width } };
}

type Makers = ReadonlyMap<string, OnnxNode>;

/** Back from the features to what their mean is taken of. */
function findPooling(model: OnnxModel, makers: Makers, features: string): Omit<MapPlace, 'classifier'> | null {
  let node = makers.get(features);
  // Heads that were learned here read features scaled to length 1: the same evidence, all of it times one number.
  for (let step = 0; node && step < maxSteps; step++) {
    if (!keepsNumbers.has(node.operator) && node.operator !== 'LpNormalization') break;
    node = makers.get(node.inputs[0]!);
  }
  const name = node?.inputs[0];
  if (!node || name === undefined || node.domain !== '') return null;
  switch (node.operator) {
    case 'GlobalAveragePool':
      return { name, channelsLast: false };
    case 'ReduceMean': {
      const axes = intsAttribute(node, 'axes') ?? new Integers(model.graph.initializers).values(node.inputs[1]);
      const places = axes?.map((axis) => (axis < 0 ? axis + 4 : axis)).toSorted();
      if (places?.join() === '2,3') return { name, channelsLast: false };
      return places?.join() === '1,2' ? { name, channelsLast: true } : null;
    }
    case 'AveragePool':
      return coversAll(model, node, name) ? { name, channelsLast: false } : null;
    default:
      return null;
  }
}

/** A pooling with a window as large as what it pools. */
function coversAll(model: OnnxModel, node: OnnxNode, name: string): boolean {
  const inputs = model.graph.inputs.map((input): [string, number[]] => [
    input.name,
    input.shape.map((size) => (typeof size === 'number' ? size : 1)),
  ]);
  const shape = inferShapes(model, new Map(inputs)).shapes.get(name);
  const kernel = intsAttribute(node, 'kernel_shape');
  const padded = intsAttribute(node, 'pads')?.some((size) => size !== 0) ?? false;
  return shape?.length === 4 && kernel?.length === 2 && !padded && kernel.every((size, at) => size === shape[at + 2]);
}

interface Linear {
  input: string;
  /** D */
  width: number;
  /** Read now: shape [C, D]. */
  weights: () => Float32Array;
}

/** Back from the output to the layer that gives the categories their evidence. */
function findLinear({ graph }: OnnxModel, makers: Makers, output: string): Linear | null {
  let node = makers.get(output);
  for (let step = 0; node && step < maxSteps && keepsOrder.has(node.operator); step++) {
    node = makers.get(node.inputs[0] ?? '') ?? makers.get(node.inputs[1] ?? '');
  }
  const [input, weightName] = node?.inputs ?? [];
  const tensor = graph.initializers.get(weightName ?? '');
  if (!node || input === undefined || !tensor || node.domain !== '') return null;
  const { shape } = tensor;
  const isRow = node.operator === 'Conv' && intAttribute(node, 'group', 1) === 1 && shape[2] === 1 && shape[3] === 1;
  const isGemm = node.operator === 'Gemm' && shape.length === 2 && intAttribute(node, 'transA', 0) === 0;
  const isProduct = node.operator === 'MatMul' && shape.length === 2;
  if (!isRow && !isGemm && !isProduct) return null;
  const byCategory = isRow || (isGemm && intAttribute(node, 'transB', 0) === 1);
  const [count, width] = byCategory ? [shape[0]!, shape[1]!] : [shape[1]!, shape[0]!];
  return {
    input,
    width,
    weights() {
      // A copy: the file's bytes may go when the graph has been read.
      const values = readFloats(tensor).slice();
      return byCategory ? values : transposed(values, width, count);
    },
  };
}

/** [rows, columns] to [columns, rows]. */
function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  const turned = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) turned[column * rows + row] = values[row * columns + column]!;
  }
  return turned;
}
