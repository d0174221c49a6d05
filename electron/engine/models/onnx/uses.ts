/** @file Who reads what in a graph: rewriting must leave alone what somebody else reads too. */
import type { OnnxGraph, OnnxNode } from './model.ts';

/** How often each name is read, by nodes and as an output of the graph; a name that nobody reads is missing. */
export function countUses({ nodes, outputs }: OnnxGraph): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  for (const name of [...nodes.flatMap(({ inputs }) => inputs), ...outputs.map((output) => output.name)]) {
    if (name !== '') uses.set(name, (uses.get(name) ?? 0) + 1);
  }
  return uses;
}

/** Whether some node has branches, which may read any name of the graph around them; there is no telling which. */
export function hasBranches({ nodes }: OnnxGraph): boolean {
  return nodes.some(
    ({ operator, attributes }) =>
      operator !== 'Constant' && [...attributes.values()].some(({ type }) => type === 'raw'),
  );
}

/** The node that makes each name. */
export function findMakers({ nodes }: OnnxGraph): ReadonlyMap<string, OnnxNode> {
  return new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node])));
}

/** The graph without initializers that nobody reads. */
export function withoutUnused(graph: OnnxGraph): OnnxGraph {
  if (hasBranches(graph)) return graph;
  const uses = countUses(graph);
  return { ...graph, initializers: new Map([...graph.initializers].filter(([name]) => uses.has(name))) };
}

/** Names that no tensor of a graph has yet. */
export class FreshNames {
  readonly #taken: Set<string>;

  constructor({ nodes, inputs, initializers, opaque }: OnnxGraph) {
    this.#taken = new Set([
      ...inputs.map(({ name }) => name),
      ...initializers.keys(),
      ...(opaque?.keys() ?? []),
      ...nodes.flatMap(({ outputs }) => outputs),
    ]);
  }

  /** @returns `wanted` or something like it; the next call returns another */
  take(wanted: string): string {
    let name = wanted;
    for (let copy = 2; this.#taken.has(name); copy++) name = `${wanted}_${copy}`;
    this.#taken.add(name);
    return name;
  }
}
