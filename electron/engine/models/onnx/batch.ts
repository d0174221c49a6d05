/** @file From a graph for a fixed number of pictures to one for any number. */
import { intAttribute, intsAttribute } from './attributes.ts';
import { Integers } from './integers.ts';
import type { OnnxModel, OnnxNode, OnnxValue } from './model.ts';
import type { LazyTensor } from '#core/tensor.ts';

const batchName = 'N';

/**
 * A model whose first dimension is free, with the same weights: fixed sizes are taken out of its input and outputs and
 * out of the constants that shapes are made of. It is a proposal: only running it with one picture and with several
 * proves that each is treated alone.
 *
 * @returns the model itself if its batch is free already; null if it has several inputs, or something in it holds the
 *   batch that cannot be changed
 * @throws {AppError} 'model.corrupt' if a constant of it cannot be read
 */
export function makeBatchFree(model: OnnxModel): OnnxModel | null {
  const { graph } = model;
  const [input, ...others] = graph.inputs;
  const rows = input?.shape[0];
  if (!input || others.length > 0 || rows === undefined) return null;
  if (typeof rows !== 'number') return model;

  const surroundings: Surroundings = {
    rows,
    integers: new Integers(graph.initializers),
    moving: new Set([input.name]),
    measured: new Set(),
    names: new Set([input.name, ...graph.initializers.keys(), ...graph.nodes.flatMap((node) => node.outputs)]),
    initializers: new Map(graph.initializers),
  };
  const nodes: OnnxNode[] = [];
  for (const node of graph.nodes) {
    const freed = follow(node, surroundings);
    if (!freed) return null;
    nodes.push(freed);
  }
  const { moving, initializers } = surroundings;
  const outputs = graph.outputs.map((output) => (moving.has(output.name) ? freeValue(output, rows) : output));
  if (!outputs.every((output) => output !== null)) return null;
  return { ...model, graph: { ...graph, nodes, inputs: [freeValue(input, rows)!], outputs, initializers } };
}

/** @returns null if the first dimension is another number */
function freeValue(value: OnnxValue, rows: number): OnnxValue | null {
  const [first, ...rest] = value.shape;
  if (first === undefined) return value;
  if (typeof first === 'number' && first !== rows) return null;
  return { ...value, shape: [batchName, ...rest] };
}

interface Surroundings {
  /** The fixed number of pictures. */
  rows: number;
  integers: Integers;
  /** Tensors made from the pictures. */
  moving: Set<string>;
  /** Tensors made from shapes of those, so that they follow the batch by themselves. */
  measured: Set<string>;
  /** All that are taken. */
  names: Set<string>;
  /** Takes new constants. */
  initializers: Map<string, LazyTensor>;
}

function follow(node: OnnxNode, surroundings: Surroundings): OnnxNode | null {
  const { integers, moving, measured } = surroundings;
  integers.follow(node, new Map());
  const hasBranches = node.operator !== 'Constant' && [...node.attributes.values()].some(({ type }) => type === 'raw');
  // Branches may use any name; there is no telling.
  const moves = hasBranches || node.inputs.some((name) => moving.has(name));
  const isShape = node.operator === 'Shape' || node.operator === 'Size';
  const into = moves && !isShape ? moving : moves || node.inputs.some((name) => measured.has(name)) ? measured : null;
  for (const output of node.outputs) into?.add(output);
  return moves ? freeNode(node, surroundings) : node;
}

/** @returns null if the node holds the batch and cannot be changed */
function freeNode(node: OnnxNode, surroundings: Surroundings): OnnxNode | null {
  const { rows, integers, moving, measured } = surroundings;
  if (node.domain !== '') return node;
  switch (node.operator) {
    case 'Reshape':
      return freeReshape(node, surroundings);
    case 'Expand': {
      // A leading 1 leaves any number of rows as it is; without the pictures in it, a row cannot become several.
      const [first] = integers.values(node.inputs[1]) ?? [];
      return moving.has(node.inputs[0]!) && (first === undefined || first === 1) ? node : null;
    }
    case 'Resize':
    case 'Upsample':
      // Sizes hold the batch, scales do not.
      return integers.values(node.inputs[3]) === null ? node : null;
    case 'Concat':
      // What comes from no picture has as many rows as the graph was made for.
      return node.inputs.every((name) => moving.has(name) || measured.has(name)) ? node : null;
    case 'Flatten':
      // Of a single picture, the same as 1.
      if (intAttribute(node, 'axis', 1) !== 0) return node;
      return rows === 1 ? withAttribute(node, 'axis', 1) : null;
    case 'Squeeze': {
      const axes = integers.values(node.inputs[1]) ?? intsAttribute(node, 'axes');
      return axes?.includes(0) ? null : node;
    }
    default:
      return node;
  }
}

/**
 * A first size that is a number becomes −1, what remains for any number of rows; where another size is −1 already it
 * becomes 0, as many as there are.
 */
function freeReshape(node: OnnxNode, surroundings: Surroundings): OnnxNode | null {
  const { rows, integers, moving, names, initializers } = surroundings;
  const shape = integers.values(node.inputs[1]);
  // Made while the graph runs, from the shapes it meets.
  if (!shape || !moving.has(node.inputs[0]!)) return node;
  const [first, ...rest] = shape;
  if (first === undefined) return null;
  if (first <= 0) return node;
  let free = -1;
  if (rest.includes(-1)) {
    if (first !== rows) return null;
    free = 0;
  }
  // With "allowzero" a 0 is a size of nothing instead.
  if (intAttribute(node, 'allowzero', 0) === 1 && (free === 0 || rest.includes(0))) {
    if (rest.includes(0)) return null;
    node = withAttribute(node, 'allowzero', 0);
  }
  let name = `${node.outputs[0]}_shape`;
  while (names.has(name)) name += '_';
  names.add(name);
  initializers.set(name, shapeTensor([free, ...rest]));
  return { ...node, inputs: [node.inputs[0]!, name] };
}

function withAttribute(node: OnnxNode, name: string, value: number): OnnxNode {
  return { ...node, attributes: new Map(node.attributes).set(name, { type: 'int', value }) };
}

function shapeTensor(values: readonly number[]): LazyTensor {
  const bytes = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
  return { type: 'int64', shape: [values.length], bytes: () => bytes };
}
