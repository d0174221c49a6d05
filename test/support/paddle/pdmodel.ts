/** @file A `.pdmodel` written by hand: ProgramDesc as framework.proto has it, operators as Paddle 2 exports them. */
import type { Pool, ProgramWriter } from './program.ts';
import { bytes, double, float, number } from './protobuf.ts';

/** AttrType, and the field that holds each. */
const attributeKinds = {
  int: (value: number) => [number(2, 0), number(3, value)],
  float: (value: number) => [number(2, 1), float(4, value)],
  text: (value: string) => [number(2, 2), bytes(5, value)],
  ints: (value: number[]) => [number(2, 3), ...value.map((item) => number(6, item))],
  bool: (value: boolean) => [number(2, 6), number(10, value)],
  longs: (value: number[]) => [number(2, 11), ...value.map((item) => number(15, item))],
  scalar: (value: number) => [number(2, 16), bytes(20, [number(1, 3), double(4, value)])],
};
type Kinds = typeof attributeKinds;
export type Attribute = { [Kind in keyof Kinds]: [Kind, Parameters<Kinds[Kind]>[0]] }[keyof Kinds];

export interface Operator {
  type: string;
  inputs: Record<string, string[]>;
  outputs: Record<string, string[]>;
  attributes?: Record<string, Attribute>;
}

/** VarType.Type */
const types = { dense: 7, feed: 9, fetch: 10, float32: 5 };

export class PdmodelWriter implements ProgramWriter<string> {
  readonly operators: Operator[] = [];
  readonly #variables: Buffer[] = [];
  readonly #callStack: string;
  #count = 0;

  /** @param stackLines  how much each convolution says of where it was made */
  constructor(stackLines = 200) {
    this.#callStack = '  File "export.py", line 1, in forward\n'.repeat(stackLines);
    this.#variable('feed', null, { type: types.feed, persistable: true });
    this.#variable('fetch', null, { type: types.fetch, persistable: true });
  }

  input(name: string, shape: number[]): string {
    this.variable(name, shape);
    this.operator({ type: 'feed', inputs: { X: ['feed'] }, outputs: { Out: [name] }, attributes: { col: ['int', 0] } });
    return name;
  }

  parameter(name: string, shape: readonly number[]): void {
    this.#variable(name, shape, { type: types.dense, persistable: true });
  }

  convolution(
    x: string,
    filter: string,
    { stride, padding, groups }: { stride: number; padding: number; groups: number },
  ): string {
    const out = this.variable(`conv2d_${this.#count++}.tmp_0`, [-1, -1, -1, -1]);
    this.operator({
      type: 'conv2d',
      inputs: { Input: [x], Filter: [filter] },
      outputs: { Output: [out] },
      attributes: {
        strides: ['ints', [stride, stride]],
        paddings: ['ints', [padding, padding]],
        padding_algorithm: ['text', 'EXPLICIT'],
        groups: ['int', groups],
        dilations: ['ints', [1, 1]],
        data_format: ['text', 'NCHW'],
        op_callstack: ['text', this.#callStack],
      },
    });
    return out;
  }

  norm(
    x: string,
    { scale, bias, mean, variance }: { scale: string; bias: string; mean: string; variance: string },
  ): string {
    const out = this.variable(`batch_norm_${this.#count++}.tmp_3`, [-1, -1, -1, -1]);
    this.operator({
      type: 'batch_norm',
      inputs: { X: [x], Scale: [scale], Bias: [bias], Mean: [mean], Variance: [variance] },
      outputs: {
        Y: [out],
        MeanOut: [mean],
        VarianceOut: [variance],
        SavedMean: [`${out}.mean`],
        SavedVariance: [`${out}.var`],
      },
      attributes: {
        epsilon: ['float', 1e-5],
        momentum: ['float', 0.9],
        is_test: ['bool', true],
        use_global_stats: ['bool', false],
        data_layout: ['text', 'NCHW'],
      },
    });
    return out;
  }

  relu(x: string): string {
    return this.#unary('relu', x, [-1, -1, -1, -1]);
  }

  pool(x: string, { kind, size, stride, padding, ceil = false, adaptive = false }: Pool): string {
    return this.#unary('pool2d', x, [-1, -1, -1, -1], {
      pooling_type: ['text', kind],
      ksize: ['ints', [size, size]],
      strides: ['ints', [stride, stride]],
      paddings: ['ints', [padding, padding]],
      global_pooling: ['bool', false],
      exclusive: ['bool', true],
      adaptive: ['bool', adaptive],
      ceil_mode: ['bool', ceil],
      padding_algorithm: ['text', 'EXPLICIT'],
      data_format: ['text', 'NCHW'],
    });
  }

  add(x: string, y: string): string {
    return this.#sum(x, y, [-1, -1, -1, -1], -1);
  }

  flatten(x: string): string {
    return this.#unary('flatten_contiguous_range', x, [-1, -1], { start_axis: ['int', 1], stop_axis: ['int', 3] });
  }

  reshape(x: string, shape: number[]): string {
    return this.#unary('reshape2', x, shape, { shape: ['ints', shape] });
  }

  linear(x: string, weights: string, bias: string): string {
    const product = this.variable(`linear_${this.#count++}.tmp_0`, [-1, -1]);
    this.operator({
      type: 'matmul_v2',
      inputs: { X: [x], Y: [weights] },
      outputs: { Out: [product] },
      attributes: { trans_x: ['bool', false], trans_y: ['bool', false] },
    });
    return this.#sum(product, bias, [-1, -1], 1);
  }

  softmax(x: string): string {
    return this.#unary('softmax', x, [-1, 5], { axis: ['int', -1] });
  }

  scale(x: string): string {
    const attributes: Record<string, Attribute> = {
      scale: ['float', 1],
      bias: ['float', 0],
      bias_after_scale: ['bool', true],
    };
    const out = this.variable('save_infer_model/scale_0.tmp_1', [-1, 5]);
    this.operator({ type: 'scale', inputs: { X: [x] }, outputs: { Out: [out] }, attributes });
    return out;
  }

  output(x: string): void {
    this.operator({ type: 'fetch', inputs: { X: [x] }, outputs: { Out: ['fetch'] }, attributes: { col: ['int', 0] } });
  }

  operator(operator: Operator): void {
    this.operators.push(operator);
  }

  variable(name: string, shape: readonly number[]): string {
    this.#variable(name, shape, { type: types.dense, persistable: false });
    return name;
  }

  encode(): Buffer {
    const operators = this.operators.map(encodeOperator);
    const block = [number(1, 0), number(2, -1), ...this.#variables, ...operators.map((operator) => bytes(4, operator))];
    // As Paddle 2.4 says of itself.
    return Buffer.concat([bytes(1, block), bytes(4, number(1, 2_004_000))]);
  }

  #unary(type: string, x: string, shape: number[], attributes: Record<string, Attribute> = {}): string {
    const out = this.variable(`${type}_${this.#count++}.tmp_0`, shape);
    this.operator({ type, inputs: { X: [x] }, outputs: { Out: [out] }, attributes });
    return out;
  }

  #sum(x: string, y: string, shape: number[], axis: number): string {
    const out = this.variable(`sum_${this.#count++}.tmp_1`, shape);
    this.operator({
      type: 'elementwise_add',
      inputs: { X: [x], Y: [y] },
      outputs: { Out: [out] },
      attributes: { axis: ['int', axis] },
    });
    return out;
  }

  #variable(
    name: string,
    shape: readonly number[] | null,
    { type, persistable }: { type: number; persistable: boolean },
  ): void {
    const dims = (shape ?? []).map((size) => number(2, size));
    const dense = shape === null ? [] : [bytes(3, [bytes(1, [number(1, types.float32), ...dims]), number(2, 0)])];
    this.#variables.push(bytes(3, [bytes(1, name), bytes(2, [number(1, type), ...dense]), number(3, persistable)]));
  }
}

function encodeOperator({ type, inputs, outputs, attributes = {} }: Operator): Buffer {
  const slots = (field: number, named: Record<string, string[]>) =>
    Object.entries(named).map(([name, values]) =>
      bytes(field, [bytes(1, name), ...values.map((value) => bytes(2, value))]),
    );
  const encoded = Object.entries(attributes).map(([name, [kind, value]]) =>
    bytes(4, [bytes(1, name), ...(attributeKinds[kind] as (value: unknown) => Buffer[])(value)]),
  );
  // C++ writes fields by their numbers: inputs, outputs, type, attributes.
  return Buffer.concat([...slots(1, inputs), ...slots(2, outputs), bytes(3, type), ...encoded]);
}
