/** @file Small graphs that show what a processor makes of integers. */
import { tensorOf, type LazyTensor } from '#core/tensor.ts';
import { tensorsToCalibrate } from '../models/onnx/calibrate.ts';
import type { OnnxAttribute, OnnxModel, OnnxNode } from '../models/onnx/model.ts';
import { quantize } from '../models/onnx/quantize.ts';

/** Of the square input, pixels: that of the middle of a ResNeXt. */
export const probeSide = 28;

const wide = 512;
const narrow = 256;
const groups = 32;
const blockCount = 2;

/** Two blocks as ResNeXt has them, with weights of noise: pictures [N, 3, 28, 28] to 'logits' [N, 512]. */
export function floatGraph(): OnnxModel {
  const graph = new Graph();
  let value = graph.relu(graph.convolution('x', [wide, 3, 1, 1]));
  for (let block = 0; block < blockCount; block++) {
    const reduced = graph.relu(graph.convolution(value, [narrow, wide, 1, 1]));
    const grouped = graph.relu(graph.convolution(reduced, [narrow, narrow / groups, 3, 3], groups));
    const branch = graph.convolution(grouped, [wide, narrow, 1, 1]);
    value = graph.relu(graph.node('Add', [branch, value]));
  }
  return graph.model([graph.pooled(value, 'logits')]);
}

/** The same in integers; nobody looks at what it says, so any ranges will do. */
export function integerGraph(): OnnxModel {
  const model = floatGraph();
  const ranges = new Map(tensorsToCalibrate(model).map((name) => [name, [-4, 4] as const]));
  return quantize(model, { ranges, floatFirstConvolution: false, floatClassifier: false });
}

/** Channels into each of the convolutions that add up full bytes; four products make one sum of 32 bits. */
const fullChannels = 64;
const fullOutputs = 32;
const fullGroups = 2;
/** The largest weight, and the largest activation. */
const weight = 127;
const activation = 255;

/**
 * Convolutions of 1 × 1 and, in groups, of 3 × 3 over activations that are all 255, with weights of ±127 in blocks of
 * four of one sign: two products are up to 64 770, and 16 bits end at 32 767. Outputs: the sums, by kernel.
 *
 * Source of the trap: x86 without VNNI multiplies bytes with VPMADDUBSW, which adds two products with saturation.
 */
export function fullBytesGraph(): OnnxModel {
  const graph = new Graph();
  // Whatever the picture is: nought times it, plus 255.
  const nought = graph.node('Mul', ['x', graph.constant(tensorOf(Float32Array.of(0), []))]);
  const full = graph.node('Add', [nought, graph.constant(tensorOf(Float32Array.of(activation), []))]);
  const spread = graph.node(
    'Concat',
    Array.from({ length: Math.ceil(fullChannels / 3) }, () => full),
    {
      axis: { type: 'int', value: 1 },
    },
  );
  // A multiple of three, of which as many as needed are read.
  const cut = graph.node('Slice', [
    spread,
    ...[0, fullChannels, 1].map((value) => graph.constant(integers('int64', [value]))),
  ]);
  const activations = graph.pair(cut, 1, 0);
  const outputs = Object.entries(kernels).map(([name, { side, groupCount }]) => {
    const shape = [fullOutputs, fullChannels / groupCount, side, side];
    const weights = Int8Array.from({ length: shape.reduce((product, size) => product * size) }, (_, index) => {
      const perOutput = shape[1]! * side * side;
      const channel = Math.floor((index % perOutput) / (side * side));
      return signOf(Math.floor(index / perOutput), channel) * weight;
    });
    const dequantized = graph.node('DequantizeLinear', [
      graph.constant({ type: 'int8', shape, bytes: () => new Uint8Array(weights.buffer) }),
      graph.constant(tensorOf(Float32Array.of(1), [])),
      graph.constant(integers('int8', [0], [])),
    ]);
    const sums = graph.node('Conv', [activations, dequantized], { group: { type: 'int', value: groupCount } });
    return graph.pooled(graph.pair(sums, stepOf(side, groupCount), 128), name);
  });
  return graph.model(outputs);
}

/** What the outputs of {@link fullBytesGraph} are, and the step between two bytes of each. */
export function fullBytesSums(): Record<string, { sums: number[]; step: number }> {
  return Object.fromEntries(
    Object.entries(kernels).map(([name, { side, groupCount }]) => {
      const channels = Array.from({ length: fullChannels / groupCount }, (_, channel) => channel);
      const sums = Array.from({ length: fullOutputs }, (_, output) => {
        const signs = channels.reduce((sum, channel) => sum + signOf(output, channel), 0);
        return signs * side * side * weight * activation;
      });
      return [name, { sums, step: stepOf(side, groupCount) }];
    }),
  );
}

const kernels = { pointwise: { side: 1, groupCount: 1 }, grouped: { side: 3, groupCount: fullGroups } };

/** Blocks of four channels of one sign; from output to output more of them are positive. */
function signOf(output: number, channel: number): 1 | -1 {
  const blocks = fullChannels / 4;
  return Math.floor(channel / 4) * 2 < (output * blocks) / fullOutputs ? 1 : -1;
}

/** So that the largest sum is 127 steps. */
function stepOf(side: number, groupCount: number): number {
  return Math.fround(((fullChannels / groupCount) * side * side * weight * activation) / 127);
}

function integers(type: 'int64' | 'int8' | 'uint8', values: number[], shape = [values.length]): LazyTensor {
  const bytes = type === 'int64' ? BigInt64Array.from(values, BigInt) : Uint8Array.from(values);
  return { type, shape, bytes: () => new Uint8Array(bytes.buffer) };
}

/** Nodes one by one; each method returns the name of what it made. */
class Graph {
  readonly #nodes: OnnxNode[] = [];
  readonly #initializers = new Map<string, LazyTensor>();

  node(operator: string, inputs: string[], attributes: Record<string, OnnxAttribute> = {}, output?: string): string {
    const name = output ?? `v${this.#nodes.length}`;
    const entries = new Map(Object.entries(attributes));
    this.#nodes.push({ name: '', operator, domain: '', inputs, outputs: [name], attributes: entries });
    return name;
  }

  constant(tensor: LazyTensor): string {
    const name = `c${this.#initializers.size}`;
    this.#initializers.set(name, tensor);
    return name;
  }

  /** @param shape  [O, I / groups, side, side] */
  convolution(input: string, shape: [number, number, number, number], groupCount = 1): string {
    const pad = (shape[2] - 1) / 2;
    return this.node('Conv', [input, this.constant(noiseWeights(shape))], {
      group: { type: 'int', value: groupCount },
      pads: { type: 'ints', value: [pad, pad, pad, pad] },
    });
  }

  relu(input: string): string {
    return this.node('Relu', [input]);
  }

  /** To bytes and back. */
  pair(input: string, scale: number, zeroPoint: number): string {
    const parameters = [
      this.constant(tensorOf(Float32Array.of(scale), [])),
      this.constant(integers('uint8', [zeroPoint], [])),
    ];
    return this.node('DequantizeLinear', [this.node('QuantizeLinear', [input, ...parameters]), ...parameters]);
  }

  pooled(input: string, name: string): string {
    return this.node('Flatten', [this.node('GlobalAveragePool', [input])], {}, name);
  }

  model(outputs: string[]): OnnxModel {
    return {
      irVersion: 8,
      producer: 'Labelwright',
      opsets: new Map([['', 17]]),
      graph: {
        name: 'integers',
        nodes: this.#nodes,
        inputs: [{ name: 'x', type: 'float32', shape: ['N', 3, probeSide, probeSide] }],
        outputs: outputs.map((name) => ({ name, type: 'float32', shape: [] })),
        initializers: this.#initializers,
      },
    };
  }
}

/** Of a size that keeps values near one. */
function noiseWeights(shape: readonly [number, number, number, number]): LazyTensor {
  const [outputs, ...rest] = shape;
  const fanIn = rest.reduce((product, size) => product * size);
  let state = 1;
  const values = Float32Array.from({ length: outputs * fanIn }, () => {
    // Constants: Numerical Recipes, `ranqd1`.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state / 2 ** 32 - 0.5) * Math.sqrt(12 / fanIn);
  });
  return tensorOf(values, shape);
}
