/** @file The shapes of a graph's tensors for inputs of a given shape. */
import { Integers } from './integers.ts';
import type { OnnxModel, OnnxNode } from './model.ts';
import { product, type Shape, type ShapeContext } from './shape-rule.ts';
import { shapeRules } from './shape-rules.ts';

export interface InferredShapes {
  /** By name, as far as they can be told. */
  shapes: ReadonlyMap<string, Shape>;
  /** The first node whose outputs have shapes that cannot be told; null if there is none. */
  unknown: OnnxNode | null;
}

/** @param inputs  by name; every input of the graph */
export function inferShapes({ graph }: OnnxModel, inputs: ReadonlyMap<string, Shape>): InferredShapes {
  const shapes = new Map<string, Shape>(inputs);
  for (const [name, tensor] of graph.initializers) shapes.set(name, tensor.shape);
  const integers = new Integers(graph.initializers);
  let unknown: OnnxNode | null = null;
  for (const node of graph.nodes) {
    integers.follow(node, shapes);
    const outputs = outputShapes(node, {
      shape: (index) => shapes.get(node.inputs[index] ?? '') ?? null,
      integers: (index) => integers.values(node.inputs[index]),
      result: integers.tensor(node.outputs[0] ?? ''),
    });
    if (!outputs) unknown ??= node;
    for (const [index, name] of node.outputs.entries()) {
      const shape = outputs?.[index];
      if (name && shape) shapes.set(name, shape);
    }
  }
  return { shapes, unknown };
}

type NodeContext = ShapeContext & { result: ReturnType<Integers['tensor']> };

function outputShapes(node: OnnxNode, context: NodeContext): readonly Shape[] | null {
  const { result } = context;
  if (result) return [result.scalar ? [] : [result.values.length]];
  const shape = shapeRules.get(node.domain === '' ? node.operator : `${node.domain}/${node.operator}`)?.(node, context);
  if (!shape) return null;
  const shapes = isList(shape) ? shape : [shape];
  return shapes.every(isPossible) ? shapes : null;
}

/** The attributes of a file may say anything. */
function isPossible(shape: Shape): boolean {
  return shape.every((size) => Number.isSafeInteger(size) && size >= 0) && Number.isSafeInteger(product(shape));
}

function isList(shape: Shape | Shape[]): shape is Shape[] {
  return Array.isArray(shape[0]);
}
