/** @file From float to integers: unsigned bytes for what flows through a graph, signed bytes for its weights. */
import { AppError } from '#core/errors.ts';
import { tensorOf, type LazyTensor } from '#core/tensor.ts';
import type { ConvolutionInput } from './input-statistics.ts';
import type { OnnxAttribute, OnnxModel, OnnxNode } from './model.ts';
import { planQuantization, type KeptFloat, type QuantizationPlan, type QuantizedStep } from './quantize-plan.ts';
import { quantizeWeights } from './quantize-weights.ts';
import { raiseOpset } from './raise-opset.ts';
import { FreshNames, hasBranches, withoutUnused } from './uses.ts';

/** The smallest and the largest value that shall be told apart; beyond them values are cut. */
export type Range = readonly [min: number, max: number];

export interface QuantizeOptions extends KeptFloat {
  /** By tensor; at least those that `tensorsToCalibrate` names. */
  ranges: ReadonlyMap<string, Range>;
  /**
   * 7 leaves room where a processor adds pairs of products in 16 bits, which is x86 without VNNI, at the price of half
   * the precision; 8 when left out.
   */
  weightBits?: 7 | 8;
  /** What convolutions are fed, by the name of what they make: weights are then rounded for that. */
  inputs?: ReadonlyMap<string, ConvolutionInput>;
}

/**
 * Put pairs of QuantizeLinear and DequantizeLinear around what can be computed in integers ("QDQ"), which onnxruntime
 * fuses to integer operators. Activations are uint8 and weights int8: the pairing that x86 has instructions for; signed
 * activations ran slower than float. A Relu becomes part of what it follows: its range begins at nought. Inputs and
 * outputs of the graph stay as they are, and no weight is read here.
 *
 * BatchNormalization has to be folded before (`foldBatchNormNodes`), and weights have to be initializers
 * (`foldConstants`); what is not stays float.
 *
 * @throws {AppError} 'model.unsupported' if the graph has branches or operators too old, or nothing in it can be
 *   quantized; 'input.invalid' if a range is missing or not finite
 */
export function quantize(model: OnnxModel, options: QuantizeOptions): OnnxModel {
  if (hasBranches(model.graph)) throw new AppError('model.unsupported', 'A graph with branches cannot be quantized');
  const raised = raiseOpset(model);
  if (!raised) {
    throw new AppError(
      'model.unsupported',
      `Operators of version ${model.opsets.get('') ?? 1} cannot be quantized channel by channel; version 13 is needed`,
    );
  }
  const plan = planQuantization(raised.graph, options);
  if (plan.steps.size === 0) {
    throw new AppError(
      'model.unsupported',
      'Nothing in the graph can be quantized: it has no convolution of constant weights',
    );
  }
  return new Quantizer(raised, plan, options).run();
}

interface Parameters {
  /** Names of the initializers. */
  names: [scale: string, zeroPoint: string];
  scale: number;
}

class Quantizer {
  readonly #model: OnnxModel;
  readonly #plan: QuantizationPlan;
  readonly #options: QuantizeOptions;
  readonly #names: FreshNames;
  readonly #nodes: OnnxNode[] = [];
  readonly #initializers: Map<string, LazyTensor>;
  /** By tensor. */
  readonly #parameters = new Map<string, Parameters>();
  /** For tensors that stay float for others: the name under which integer nodes read them. */
  readonly #entered = new Map<string, string>();

  constructor(model: OnnxModel, plan: QuantizationPlan, options: QuantizeOptions) {
    this.#model = model;
    this.#plan = plan;
    this.#options = options;
    this.#names = new FreshNames(model.graph);
    this.#initializers = new Map(model.graph.initializers);
  }

  run(): OnnxModel {
    const { graph } = this.#model;
    this.#enter(graph.inputs.map(({ name }) => name));
    this.#enter([...graph.initializers.keys()]);
    for (const node of graph.nodes) {
      const step = this.#plan.steps.get(node);
      if (step) this.#quantizeStep(node, step);
      else if (!this.#plan.fusedRelus.has(node)) {
        this.#nodes.push(node);
        this.#enter(node.outputs);
      }
    }
    return {
      ...this.#model,
      graph: withoutUnused({ ...graph, nodes: this.#nodes, initializers: this.#initializers }),
    };
  }

  #enter(made: readonly string[]): void {
    for (const name of made) {
      if (!this.#plan.entries.has(name)) continue;
      const parameters = this.#measured(name, false);
      const entered = this.#names.take(`${name}_dequantized`);
      this.#pair(name, entered, parameters);
      this.#parameters.set(name, parameters);
      this.#entered.set(name, entered);
    }
  }

  #quantizeStep(node: OnnxNode, { activations, weightAxis, output, isRectified, sameRangeAs }: QuantizedStep): void {
    const inputs = [...node.inputs];
    for (const index of activations) inputs[index] = this.#entered.get(inputs[index]!) ?? inputs[index]!;
    if (weightAxis !== null) this.#dequantizeWeights(node, inputs, weightAxis);
    if (output === null) {
      this.#nodes.push({ ...node, inputs });
      return;
    }
    const parameters = sameRangeAs === null ? this.#measured(output, isRectified) : this.#parameters.get(sameRangeAs)!;
    this.#parameters.set(output, parameters);
    const raw = this.#names.take(`${output}_raw`);
    this.#nodes.push({ ...node, inputs, outputs: [raw] });
    // Whoever read the float reads what the integers stand for, under the same name.
    this.#pair(raw, output, parameters);
  }

  /** Replaces the weight's and the bias' name among the inputs. */
  #dequantizeWeights(node: OnnxNode, inputs: string[], axis: number): void {
    const [input, weightName, biasName] = node.inputs as [string, string, string?];
    const { initializers } = this.#model.graph;
    const quantized = quantizeWeights(
      {
        name: weightName,
        weight: initializers.get(weightName)!,
        bias: biasName ? initializers.get(biasName)! : null,
        axis,
      },
      {
        inputScale: this.#parameters.get(input)!.scale,
        bits: this.#options.weightBits ?? 8,
        input: axis === 0 ? this.#options.inputs?.get(node.outputs[0]!) : undefined,
      },
    );
    const { weight, scale, zeroPoint, bias } = quantized;
    inputs[1] = this.#dequantized(weightName, { values: weight, scale, zeroPoint }, axis);
    if (bias) {
      const parts = { values: bias.bias, scale: bias.scale, zeroPoint: bias.zeroPoint };
      inputs[2] = this.#dequantized(biasName!, parts, 0);
    }
  }

  #dequantized(
    name: string,
    { values, scale, zeroPoint }: { values: LazyTensor; scale: LazyTensor; zeroPoint: LazyTensor },
    axis: number,
  ): string {
    const inputs = [
      this.#initializer(`${name}_quantized`, values),
      this.#initializer(`${name}_scale`, scale),
      this.#initializer(`${name}_zero_point`, zeroPoint),
    ];
    const output = this.#names.take(`${name}_dequantized`);
    this.#node('DequantizeLinear', inputs, output, new Map([['axis', { type: 'int', value: axis }]]));
    return output;
  }

  #measured(name: string, isRectified: boolean): Parameters {
    const range = this.#options.ranges.get(name);
    if (!range?.every(Number.isFinite) || range[0] > range[1]) {
      throw new AppError('input.invalid', `No range of values is known for "${name}"`);
    }
    const { scale, zeroPoint } = activationParameters(isRectified ? [0, range[1]] : range);
    const names: Parameters['names'] = [
      this.#initializer(`${name}_scale`, tensorOf(Float32Array.of(scale), [])),
      this.#initializer(`${name}_zero_point`, { type: 'uint8', shape: [], bytes: () => Uint8Array.of(zeroPoint) }),
    ];
    return { names, scale };
  }

  #pair(from: string, to: string, { names }: Parameters): void {
    const quantized = this.#names.take(`${to}_quantized`);
    this.#node('QuantizeLinear', [from, ...names], quantized);
    this.#node('DequantizeLinear', [quantized, ...names], to);
  }

  #node(operator: string, inputs: string[], output: string, attributes = new Map<string, OnnxAttribute>()): void {
    // Without a name: some node of the graph may have any, and names of nodes must differ.
    this.#nodes.push({ name: '', operator, domain: '', inputs, outputs: [output], attributes });
  }

  #initializer(wanted: string, tensor: LazyTensor): string {
    const name = this.#names.take(wanted);
    this.#initializers.set(name, tensor);
    return name;
  }
}

/**
 * 255 steps over a range that is widened to hold nought, which a byte then stands for exactly: padding is nought, and so
 * is what a Relu cuts.
 */
export function activationParameters([min, max]: Range): { scale: number; zeroPoint: number } {
  const low = Math.min(0, min);
  const scale = Math.fround((Math.max(0, max) - low) / 255) || 1;
  return { scale, zeroPoint: Math.max(0, Math.min(255, Math.round(-low / scale))) };
}
