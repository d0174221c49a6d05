/** @file Grouped convolutions with fewer, wider groups: the same results from kernels that keep the processor busy. */
import { AppError } from '#core/errors.ts';
import { elementCount, elementSizes, type LazyTensor } from '#core/tensor.ts';
import { intAttribute } from './attributes.ts';
import type { OnnxGraph, OnnxModel, OnnxNode } from './model.ts';
import { countUses, findMakers, hasBranches } from './uses.ts';

/**
 * Merge neighbouring groups of grouped convolutions (Conv, Conv of dequantized weights, QLinearConv). A merged group's
 * weight is block-diagonal: what lies outside the blocks is nought, or the zero point of a quantized weight, so every
 * sum gets nothing but noughts added. Integers give the same bits, floats the same to the rounding of another order.
 *
 * Left alone are depthwise convolutions, which have kernels of their own, and weights that are shared or computed.
 * No weight is read here: the merged ones are made when their bytes are asked for.
 *
 * Source of the idea: the blocked kernels of onnxruntime want as many channels a group as a vector register has lanes
 * (16 floats with AVX-512, 8 with AVX2), and the integer ones keep gaining up to 32; narrower groups run one by one.
 *
 * @param width  input channels that a group shall have at least; as many groups as that takes are merged, or all there
 *   are. When their count is not divisible by that, the next larger divisor is taken, but no group gets twice as wide
 *   as asked for.
 */
export function mergeGroups(model: OnnxModel, width: number): OnnxModel {
  const { graph } = model;
  if (hasBranches(graph)) return model;
  const surroundings = { graph, uses: countUses(graph), makers: findMakers(graph) };
  const initializers = new Map(graph.initializers);
  const nodes = graph.nodes.map((node) => {
    const weight = findWeight(node, surroundings);
    const groups = intAttribute(node, 'group', 1);
    if (!weight || groups <= 1) return node;
    const merged = mergedGroups(weight.tensor.shape, groups, width);
    if (merged === 1) return node;
    // Nobody else reads the weight, so it may keep its name.
    initializers.set(weight.name, widen(weight, groups, merged));
    const attributes = new Map(node.attributes).set('group', { type: 'int', value: groups / merged });
    return { ...node, attributes };
  });
  return { ...model, graph: { ...graph, nodes, initializers } };
}

/** @returns how many groups become one; 1 where nothing is to be done */
function mergedGroups([outputs, channels]: readonly number[], groups: number, width: number): number {
  if (channels === undefined || channels <= 1 || channels >= width || outputs! % groups !== 0) return 1;
  for (let merged = Math.ceil(width / channels); merged < groups && merged * channels < 2 * width; merged++) {
    if (groups % merged === 0) return merged;
  }
  return groups * channels < 2 * width ? groups : 1;
}

interface Weight {
  name: string;
  /** Shape [O, I / groups, …]. */
  tensor: LazyTensor;
  /** One for all, or one for each of O; null where nought is nought. */
  zeroPoint: LazyTensor | null;
}

interface Surroundings {
  graph: OnnxGraph;
  uses: ReadonlyMap<string, number>;
  makers: ReadonlyMap<string, OnnxNode>;
}

/** @returns null for what is no convolution, and for weights that cannot be changed */
function findWeight(node: OnnxNode, surroundings: Surroundings): Weight | null {
  if (node.domain !== '') return null;
  const { graph, uses, makers } = surroundings;
  if (node.operator === 'QLinearConv') return weightOf(node, 3, 5, surroundings);
  if (node.operator !== 'Conv') return null;
  const name = node.inputs[1]!;
  if (graph.initializers.has(name)) return weightOf(node, 1, null, surroundings);
  const maker = makers.get(name);
  if (maker?.operator !== 'DequantizeLinear' || uses.get(name) !== 1) return null;
  const scale = graph.initializers.get(maker.inputs[1]!);
  if (!scale || intAttribute(maker, 'block_size', 0) !== 0) return null;
  // Scales along another axis than the outputs would have to be widened too.
  if (elementCount(scale.shape) > 1 && intAttribute(maker, 'axis', 1) !== 0) return null;
  return weightOf(maker, 0, 2, surroundings);
}

function weightOf(
  { inputs }: OnnxNode,
  at: number,
  zeroPointAt: number | null,
  { graph, uses }: Surroundings,
): Weight | null {
  const name = inputs[at]!;
  const tensor = graph.initializers.get(name);
  if (!tensor || uses.get(name) !== 1) return null;
  if (zeroPointAt === null) return { name, tensor, zeroPoint: null };
  if (elementSizes[tensor.type] !== 1) return null;
  const zeroPointName = inputs[zeroPointAt];
  if (!zeroPointName) return { name, tensor, zeroPoint: null };
  const zeroPoint = graph.initializers.get(zeroPointName);
  if (zeroPoint?.type !== tensor.type) return null;
  const count = elementCount(zeroPoint.shape);
  return count === 1 || count === tensor.shape[0] ? { name, tensor, zeroPoint } : null;
}

/** [O, I / groups, …] to [O, I / groups · merged, …]: each output's row moves to its own group's place in the wider one. */
function widen({ name, tensor, zeroPoint }: Weight, groups: number, merged: number): LazyTensor {
  const [outputs, channels, ...kernel] = tensor.shape as [number, number, ...number[]];
  return {
    type: tensor.type,
    shape: [outputs, channels * merged, ...kernel],
    bytes() {
      const narrow = tensor.bytes();
      const rowBytes = elementCount(tensor.shape.slice(1)) * elementSizes[tensor.type];
      if (narrow.length !== outputs * rowBytes) {
        throw new AppError('model.corrupt', `"${name}" has ${narrow.length} bytes instead of those of its shape`);
      }
      const wide = new Uint8Array(narrow.length * merged);
      const fillers = zeroPoint?.bytes();
      for (let output = 0; output < outputs; output++) {
        const filler = fillers?.length === 1 ? fillers[0]! : (fillers?.[output] ?? 0);
        const start = output * rowBytes * merged;
        if (filler !== 0) wide.fill(filler, start, start + rowBytes * merged);
        const block = Math.floor(output / (outputs / groups)) % merged;
        wide.set(narrow.subarray(output * rowBytes, (output + 1) * rowBytes), start + block * rowBytes);
      }
      return wide;
    },
  };
}
