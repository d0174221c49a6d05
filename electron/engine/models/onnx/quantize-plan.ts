/** @file What of a graph can be computed in integers, and where numbers become integers on the way. */
import type { LazyTensor } from '#core/tensor.ts';
import { intAttribute } from './attributes.ts';
import type { OnnxGraph, OnnxNode } from './model.ts';
import { countUses } from './uses.ts';

export interface KeptFloat {
  /** Leave the first convolution as it is: it sees the picture itself. */
  floatFirstConvolution: boolean;
  /** Leave the classifier as it is: its outputs are what is shown. */
  floatClassifier: boolean;
  /** Leave others as they are: the names of what they make. */
  floatOutputs?: ReadonlySet<string>;
}

export interface QuantizationPlan {
  /** Nodes that integers go into. */
  steps: ReadonlyMap<OnnxNode, QuantizedStep>;
  /** Relus that are part of the node before them. */
  fusedRelus: ReadonlySet<OnnxNode>;
  /** Tensors made by other nodes, or from outside, that integers are made from. */
  entries: ReadonlySet<string>;
  /** Tensors that need a range of their own. */
  ranged: ReadonlySet<string>;
}

export interface QuantizedStep {
  /** Inputs that are activations, by index. */
  activations: readonly number[];
  /** The axis of the weight's output channels; null where there are no weights. */
  weightAxis: number | null;
  /** What comes out in integers, after a Relu if that is part of it; null for what stays float. */
  output: string | null;
  /** Nothing below nought comes out. */
  isRectified: boolean;
  /** The tensor whose range the output has too; null for one of its own. */
  sameRangeAs: string | null;
}

/**
 * Convolutions, the sums of what they make, their pools, and the matrix product at the end. Global pooling, and whatever
 * else a graph holds, stays float: the features that come out of it do too.
 */
export function planQuantization(graph: OnnxGraph, kept: KeptFloat): QuantizationPlan {
  const uses = countUses(graph);
  const relus = new Map(
    graph.nodes
      .filter((node) => node.domain === '' && node.operator === 'Relu' && uses.get(node.inputs[0]!) === 1)
      .map((node) => [node.inputs[0]!, node]),
  );
  const steps = new Map<OnnxNode, QuantizedStep>();
  const fusedRelus = new Set<OnnxNode>();
  const entries = new Set<string>();
  const ranged = new Set<string>();
  const made = new Set<string>();
  const firstConvolution = graph.nodes.find(({ domain, operator }) => domain === '' && operator === 'Conv');

  for (const node of graph.nodes) {
    const kind = node === firstConvolution && kept.floatFirstConvolution ? null : kindOf(node, graph, made);
    if (!kind || (node.operator === 'Gemm' && kept.floatClassifier)) continue;
    if (kept.floatOutputs?.has(node.outputs[0]!)) continue;
    const { activations, weightAxis } = kind;
    for (const index of activations) {
      const name = node.inputs[index]!;
      if (made.has(name)) continue;
      entries.add(name);
      ranged.add(name);
    }
    const raw = node.outputs[0]!;
    const relu = kind.fusesRelu ? relus.get(raw) : undefined;
    if (relu) fusedRelus.add(relu);
    const output = kind.staysFloat ? null : (relu?.outputs[0] ?? raw);
    const sameRangeAs = kind.keepsRange ? node.inputs[0]! : null;
    if (output !== null) made.add(output);
    if (output !== null && sameRangeAs === null) ranged.add(output);
    steps.set(node, { activations, weightAxis, output, isRectified: relu !== undefined, sameRangeAs });
  }
  return { steps, fusedRelus, entries, ranged };
}

interface Kind {
  activations: readonly number[];
  weightAxis: number | null;
  fusesRelu?: boolean;
  staysFloat?: boolean;
  keepsRange?: boolean;
}

/** @param made  tensors that are integers already */
function kindOf(node: OnnxNode, graph: OnnxGraph, made: ReadonlySet<string>): Kind | null {
  if (node.domain !== '') return null;
  const [first, second, third] = node.inputs;
  const constant = (name: string | undefined) => (name ? graph.initializers.get(name) : undefined);
  switch (node.operator) {
    case 'Conv':
      if (constant(second)?.shape.length !== 4 || !hasFloats(constant(second), third, constant(third))) return null;
      return { activations: [0], weightAxis: 0, fusesRelu: true };
    case 'Gemm': {
      if (constant(second)?.shape.length !== 2 || !hasFloats(constant(second), third, constant(third))) return null;
      const isPlain =
        intAttribute(node, 'transA', 0) === 0 &&
        ['alpha', 'beta'].every((name) => {
          const factor = node.attributes.get(name);
          return factor === undefined || (factor.type === 'float' && factor.value === 1);
        });
      const weightAxis = intAttribute(node, 'transB', 0) === 1 ? 0 : 1;
      // One for each output only: anything else would be spread over the rows.
      const fits = !third || constant(third)!.shape.join() === String(constant(second)!.shape[weightAxis]);
      return isPlain && fits ? { activations: [0], weightAxis, staysFloat: true } : null;
    }
    case 'Add':
      if ([first, second].some((name) => constant(name) || graph.opaque?.has(name!))) return null;
      if (!made.has(first!) && !made.has(second!)) return null;
      return { activations: [0, 1], weightAxis: null, fusesRelu: true };
    case 'MaxPool':
      if (!made.has(first!) || node.outputs.length > 1) return null;
      return { activations: [0], weightAxis: null, keepsRange: true };
    case 'AveragePool':
      return made.has(first!) ? { activations: [0], weightAxis: null } : null;
    default:
      return null;
  }
}

/** Weights with a bias, or none, that are constants of the type that can be quantized. */
function hasFloats(
  weight: LazyTensor | undefined,
  biasName: string | undefined,
  bias: LazyTensor | undefined,
): boolean {
  return weight?.type === 'float32' && (!biasName || (bias?.type === 'float32' && bias.shape.length === 1));
}
