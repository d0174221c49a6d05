/** @file The graph of a network with a learned head in the place of its own classifier. */
import { AppError } from '#core/errors.ts';
import { elementCount, tensorOf } from '#core/tensor.ts';
import { inferShapes } from '../models/onnx/infer-shapes.ts';
import type { OnnxAttribute, OnnxModel, OnnxNode } from '../models/onnx/model.ts';
import { onlyNeeded } from '../models/onnx/needed.ts';
import { FreshNames } from '../models/onnx/uses.ts';
import type { HeadModel } from './head-model.ts';

/** Since this version Gemm adds one row of biases to all rows. Source: ONNX operator changelog. */
const oldestOpset = 7;

/**
 * The network up to its features, then: scale to length 1, weights and biases (both divided by the temperature), and
 * softmax, or a sigmoid for each category of a head for several. Outputs 'logits' and 'scores', float32 [N, C], and the
 * features as they were.
 *
 * @param features  name of the network's output that the head reads, [N, D]; ones may follow
 * @throws {AppError} 'model.unsupported' if the features have another width, or the graph's operators are too old
 */
export function headGraph(model: OnnxModel, features: string, head: HeadModel): OnnxModel {
  const { graph, opsets } = model;
  const declared = graph.outputs.find(({ name }) => name === features);
  if (!declared) throw new AppError('model.unsupported', `The network has no output "${features}" to learn from`);
  if ((opsets.get('') ?? 1) < oldestOpset) {
    throw new AppError('model.unsupported', 'The network is of operators too old to be joined with a head');
  }
  checkWidth(model, features, head.width);

  const base = onlyNeeded(graph, [declared]);
  const names = new FreshNames(base);
  const logits = names.take('logits');
  const scores = names.take('scores');
  const row = names.take('head.row');
  const direction = names.take('head.direction');
  const weights = names.take('head.weights');
  const biases = names.take('head.biases');
  const count = head.categoryIds.length;
  const tempered = (values: Float32Array) => values.map((value) => value / head.temperature);
  const shape = [declared.shape[0] ?? 'N', count];
  return {
    ...model,
    graph: {
      ...base,
      nodes: [
        ...base.nodes,
        node('Flatten', [features], row, { axis: 1 }),
        // Of nothing it makes nothing, as the head does.
        node('LpNormalization', [row], direction, { axis: 1, p: 2 }),
        node('Gemm', [direction, weights, biases], logits, { transB: 1 }),
        head.multiLabel ? node('Sigmoid', [logits], scores) : node('Softmax', [logits], scores, { axis: 1 }),
      ],
      outputs: [{ name: logits, type: 'float32', shape }, { name: scores, type: 'float32', shape }, declared],
      initializers: new Map(base.initializers)
        .set(weights, tensorOf(tempered(head.weights), [count, head.width]))
        .set(biases, tensorOf(tempered(head.biases), [count])),
    },
  };
}

/** Told here rather than by the runtime of whoever loads the file. */
function checkWidth(model: OnnxModel, features: string, width: number): void {
  const inputs = model.graph.inputs.map(({ name, shape }): [string, number[]] => [
    name,
    shape.map((size) => (typeof size === 'number' ? size : 1)),
  ]);
  const found = inferShapes(model, new Map(inputs)).shapes.get(features);
  if (!found || elementCount(found) === width * (found[0] ?? 1)) return;
  throw new AppError('model.unsupported', `The head reads ${width} features, the network gives [${found.join(', ')}]`);
}

function node(
  operator: string,
  inputs: string[],
  output: string,
  attributes: Readonly<Record<string, number>> = {},
): OnnxNode {
  const entries = Object.entries(attributes).map(([name, value]): [string, OnnxAttribute] => [
    name,
    { type: 'int', value },
  ]);
  return { name: output, operator, domain: '', inputs, outputs: [output], attributes: new Map(entries) };
}
