/** @file What a graph computes from its weights alone, as weights: those stored as halves and widened on loading. */
import type { LazyTensor } from '#core/tensor.ts';
import { intAttribute } from './attributes.ts';
import { asFloat32 } from './fold-batch-norm.ts';
import type { OnnxModel, OnnxNode } from './model.ts';
import { hasBranches, withoutUnused } from './uses.ts';

/** TensorProto.FLOAT. Source: onnx.proto. */
const float32Code = 1;
const floatTypes = new Set(['float32', 'float16', 'bfloat16', 'float64']);

/**
 * Replace Cast of float weights to float32, Identity of weights, and Constant tensors by initializers of the names that
 * these nodes made. No weight is read here. Nodes that make an output of the graph stay.
 */
export function foldConstants(model: OnnxModel): OnnxModel {
  const { graph } = model;
  // A branch could read what is no longer made by a node as well; but it may also hide what it reads.
  if (hasBranches(graph)) return model;
  const initializers = new Map(graph.initializers);
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const nodes = graph.nodes.filter((node) => {
    const [output] = node.outputs;
    const tensor = output && !outputs.has(output) ? constantOf(node, initializers) : null;
    if (tensor) initializers.set(output!, tensor);
    return !tensor;
  });
  return { ...model, graph: withoutUnused({ ...graph, nodes, initializers }) };
}

function constantOf(node: OnnxNode, initializers: ReadonlyMap<string, LazyTensor>): LazyTensor | null {
  if (node.domain !== '') return null;
  const input = initializers.get(node.inputs[0] ?? '');
  switch (node.operator) {
    case 'Cast':
      if (!input || !floatTypes.has(input.type) || intAttribute(node, 'to', 0) !== float32Code) return null;
      return asFloat32(input);
    case 'Identity':
      return input ?? null;
    case 'Constant': {
      const value = node.attributes.get('value');
      return value?.type === 'tensor' ? value.value : null;
    }
    default:
      return null;
  }
}
