/** @file Graphs whose convolutions are followed by a BatchNormalization, without it. */
import type { LazyTensor } from '#core/tensor.ts';
import { intAttribute } from './attributes.ts';
import { batchNormEpsilon, foldBatchNorm } from './fold-batch-norm.ts';
import type { OnnxModel, OnnxNode } from './model.ts';
import { countUses, findMakers, FreshNames, hasBranches, withoutUnused } from './uses.ts';

interface Pair {
  convolution: OnnxNode;
  weight: LazyTensor;
  bias: LazyTensor | null;
  norm: { scale: LazyTensor; offset: LazyTensor; mean: LazyTensor; variance: LazyTensor; epsilon: number };
}

/**
 * Fold each BatchNormalization into the Conv before it: the same results to rounding, fewer nodes. Pairs stay as they are
 * where a tensor is no float32 initializer or somebody else reads what the Conv makes. No weight is read here.
 */
export function foldBatchNormNodes(model: OnnxModel): OnnxModel {
  const { graph } = model;
  if (hasBranches(graph)) return model;
  const findPair = pairFinder(model);
  const names = new FreshNames(graph);
  const initializers = new Map(graph.initializers);
  const folded = new Map<OnnxNode, OnnxNode | null>();
  for (const node of graph.nodes) {
    const pair = findPair(node);
    if (!pair) continue;
    const { weight, bias } = foldBatchNorm(pair.weight, pair.norm, pair.bias);
    const [output] = node.outputs;
    // New names: the weights may be shared with another Conv.
    const weightName = names.take(`${output}_weight`);
    const biasName = names.take(`${output}_bias`);
    initializers.set(weightName, weight).set(biasName, bias);
    const inputs = [pair.convolution.inputs[0]!, weightName, biasName];
    folded.set(pair.convolution, { ...pair.convolution, inputs, outputs: [output!] });
    folded.set(node, null);
  }
  const nodes = graph.nodes.flatMap((node) => {
    const replacement = folded.get(node);
    return replacement === undefined ? [node] : replacement === null ? [] : [replacement];
  });
  return { ...model, graph: withoutUnused({ ...graph, nodes, initializers }) };
}

/** @returns a function that gives null for every node that is no normalization after a convolution of its own */
function pairFinder({ graph, opsets }: OnnxModel): (node: OnnxNode) => Pair | null {
  const uses = countUses(graph);
  const makers = findMakers(graph);
  // Before, running mean and variance were not what the node read when it did not train.
  const isKnown = (opsets.get('') ?? 1) >= 9;
  const constant = (name: string | undefined) => {
    const tensor = name ? graph.initializers.get(name) : undefined;
    return tensor?.type === 'float32' ? tensor : null;
  };
  return (node) => {
    if (!isKnown || node.domain !== '' || node.operator !== 'BatchNormalization') return null;
    if (node.outputs.slice(1).some((name) => name !== '') || intAttribute(node, 'training_mode', 0) !== 0) return null;
    const convolution = makers.get(node.inputs[0]!);
    if (convolution?.operator !== 'Conv' || convolution.domain !== '' || uses.get(node.inputs[0]!) !== 1) return null;
    const weight = constant(convolution.inputs[1]);
    const bias = constant(convolution.inputs[2]);
    const [scale, offset, mean, variance] = node.inputs.slice(1).map(constant);
    if (!weight || !scale || !offset || !mean || !variance) return null;
    if (!bias && convolution.inputs[2]) return null;
    const channels = weight.shape[0];
    const vectors = [scale, offset, mean, variance, ...(bias ? [bias] : [])];
    if (!vectors.every(({ shape }) => shape.length === 1 && shape[0] === channels)) return null;
    const attribute = node.attributes.get('epsilon');
    const epsilon = attribute?.type === 'float' ? attribute.value : batchNormEpsilon;
    return { convolution, weight, bias, norm: { scale, offset, mean, variance, epsilon } };
  };
}
