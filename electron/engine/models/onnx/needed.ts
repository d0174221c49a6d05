/** @file The part of a graph that some of its tensors take. */
import type { OnnxGraph } from './model.ts';
import { hasBranches, withoutUnused } from './uses.ts';

/**
 * The graph with other outputs, without the nodes and weights that none of these needs.
 *
 * @param outputs  of tensors that the graph makes
 */
export function onlyNeeded(graph: OnnxGraph, outputs: OnnxGraph['outputs']): OnnxGraph {
  // A branch may read any name of the graph around it.
  if (hasBranches(graph)) return { ...graph, outputs };
  const needed = new Set(outputs.map(({ name }) => name));
  const nodes = graph.nodes
    .toReversed()
    .filter((node) => {
      const isNeeded = node.outputs.some((name) => needed.has(name));
      if (isNeeded) for (const name of node.inputs) needed.add(name);
      return isNeeded;
    })
    .reverse();
  return withoutUnused({ ...graph, nodes, outputs });
}
