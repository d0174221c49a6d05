/** @file The pooled features of a classifier: what its last fully connected layer takes. */
import type { OnnxGraph, OnnxNode } from '../onnx/model.ts';

export const featuresName = 'features';

/** What may stand between the fully connected layer and the scores. */
const passed = new Set(['Softmax', 'Sigmoid', 'Add', 'Mul']);
/** What makes rows [N, D] out of pooled channels. */
const flattening = new Set(['Reshape', 'Flatten', 'Squeeze']);

/**
 * Make the features [N, D] of the first output an output too, called `features`; leave the graph alone if there are none.
 *
 * @param batch  the name of the free size
 */
export function showFeatures(graph: OnnxGraph, batch: string): void {
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  let node = makers.get(graph.outputs[0]?.name ?? '');
  while (node && passed.has(node.operator)) node = onlyMaker(node, makers);
  const width = graph.initializers.get(node?.inputs[1] ?? '')?.shape;
  const flat = node?.operator === 'MatMul' ? makers.get(node.inputs[0] ?? '') : undefined;
  if (width?.length !== 2 || !flat || !flattening.has(flat.operator)) return;

  const current = flat.outputs[0]!;
  for (const { inputs } of graph.nodes) {
    inputs.forEach((name, at) => {
      if (name === current) inputs[at] = featuresName;
    });
  }
  flat.outputs[0] = featuresName;
  graph.outputs.push({ name: featuresName, type: 'float32', shape: [batch, width[0]!] });
}

/** The node before, if only one input is computed. */
function onlyMaker({ inputs }: OnnxNode, makers: ReadonlyMap<string, OnnxNode>): OnnxNode | undefined {
  const found = inputs.flatMap((name) => makers.get(name) ?? []);
  return found.length === 1 ? found[0] : undefined;
}
