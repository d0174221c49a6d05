/** @file Paddle 3's program JSON written by hand, after the example in Paddle's documentation of the format. */
import type { Pool, ProgramWriter } from './program.ts';

type Json = Record<string, unknown>;

const typed = (kind: string, data: unknown): Json => ({ '#': kind, D: data });
const bool = (value: boolean) => typed('0.a_bool', value);
const int = (value: number) => typed('0.a_i32', value);
const long = (value: number) => typed('0.a_i64', value);
const text = (value: string) => typed('0.a_str', value);
const float = (value: number) => typed('0.a_f32', Math.fround(value));
const array = (items: Json[]) => typed('0.a_array', items);
const place = typed('1.a_place', [0, 0, '']);
const dtype = (value: string) => typed('1.a_dtype', value);

export class PirWriter implements ProgramWriter<number> {
  readonly operations: Json[] = [];
  readonly #parameters = new Map<string, number>();
  #values = 0;

  input(name: string, shape: number[]): number {
    return this.operation('1.data', [], shape, {
      name: text(name),
      shape: typed('1.a_intarray', shape),
      dtype: dtype('float32'),
      place,
    });
  }

  parameter(name: string, shape: readonly number[]): void {
    const id = ++this.#values;
    this.#parameters.set(name, id);
    this.operations.push({ '#': 'p', A: [0, 1, 1, name], DA: [], O: this.#value(id, shape), OA: [1, 0, 1], QA: [] });
  }

  convolution(
    x: number,
    filter: string,
    { stride, padding, groups }: { stride: number; padding: number; groups: number },
  ): number {
    return this.operation('1.conv2d', [x, this.#parameter(filter)], [-1, -1, -1, -1], {
      strides: array([int(stride), int(stride)]),
      paddings: array([int(padding), int(padding)]),
      padding_algorithm: text('EXPLICIT'),
      dilations: array([int(1), int(1)]),
      groups: int(groups),
      data_format: text('NCHW'),
      struct_name: text('/ResNeXt/ConvBNLayer/Conv2D/'),
    });
  }

  norm(
    x: number,
    { scale, bias, mean, variance }: { scale: string; bias: string; mean: string; variance: string },
  ): number {
    const inputs = [x, ...[mean, variance, scale, bias].map((name) => this.#parameter(name))];
    const first = this.operation('1.batch_norm_', inputs, [-1, -1, -1, -1], {
      is_test: bool(true),
      momentum: float(0.9),
      epsilon: float(1e-5),
      data_format: text('NCHW'),
      use_global_stats: bool(false),
      trainable_statistics: bool(false),
    });
    const outputs = this.operations.at(-1)!['O'] as Json[];
    for (let extra = 0; extra < 4; extra++) outputs.push(this.#value(++this.#values, [-1]));
    outputs.push({ '%': ++this.#values, TT: { '#': 'NULL' } });
    return first;
  }

  relu(x: number): number {
    return this.operation('1.relu', [x], [-1, -1, -1, -1], {});
  }

  pool(x: number, { kind, size, stride, padding, ceil = false, adaptive = false }: Pool): number {
    const kernel = this.#ints([size, size]);
    return this.operation('1.pool2d', [x, kernel], [-1, -1, -1, -1], {
      strides: array([long(stride), long(stride)]),
      paddings: array([long(padding), long(padding)]),
      ceil_mode: bool(ceil),
      exclusive: bool(true),
      data_format: text('NCHW'),
      pooling_type: text(kind),
      global_pooling: bool(false),
      adaptive: bool(adaptive),
      padding_algorithm: text('EXPLICIT'),
    });
  }

  add(x: number, y: number): number {
    return this.operation('1.add', [x, y], [-1, -1, -1, -1], {});
  }

  flatten(x: number): number {
    return this.operation('1.flatten', [x], [-1, -1], { start_axis: int(1), stop_axis: int(3) });
  }

  reshape(x: number, shape: number[]): number {
    return this.operation('1.reshape', [x, this.#ints(shape)], shape, {});
  }

  linear(x: number, weights: string, bias: string): number {
    const attributes = { transpose_x: bool(false), transpose_y: bool(false) };
    const product = this.operation('1.matmul', [x, this.#parameter(weights)], [-1, -1], attributes);
    return this.operation('1.add', [product, this.#parameter(bias)], [-1, -1], {});
  }

  softmax(x: number): number {
    return this.operation('1.softmax', [x], [-1, 5], { axis: int(-1) });
  }

  scale(x: number): number {
    const one = this.operation('1.full', [], [1], {
      shape: typed('1.a_intarray', [1]),
      value: typed('0.a_f64', 1),
      dtype: dtype('float32'),
      place,
    });
    return this.operation('1.scale', [x, one], [-1, 5], { bias: float(0), bias_after_scale: bool(true) });
  }

  output(x: number): void {
    this.operation('1.fetch', [x], [-1, 5], { name: text('fetch_name_0'), col: int(0) });
  }

  /** @returns the number of its value */
  operation(kind: string, inputs: number[], shape: number[], attributes: Record<string, Json>): number {
    const id = ++this.#values;
    this.operations.push({
      '#': kind,
      A: Object.entries(attributes).map(([name, value]) => ({ AT: value, N: name })),
      I: inputs.map((input) => ({ '%': input })),
      O: [this.#value(id, shape)],
      OA: [{ AT: array([bool(false)]), N: 'stop_gradient' }],
    });
    return id;
  }

  encode(): Buffer {
    const blocks = [{ '#': 'block_0', args: [], ops: this.operations }];
    const program = { regions: [{ '#': 'region_0', blocks }] };
    return Buffer.from(JSON.stringify({ base_code: { magic: 'pir', trainable: true, version: 1 }, program }));
  }

  #ints(values: number[]): number {
    return this.operation('1.full_int_array', [], [values.length], {
      value: array(values.map(long)),
      dtype: dtype('int64'),
      place,
    });
  }

  #parameter(name: string): number {
    return this.#parameters.get(name)!;
  }

  #value(id: number, shape: readonly number[]): Json {
    return { '%': id, TT: typed('0.t_dtensor', [{ '#': '0.t_f32' }, shape, 'NCHW', [], 0]) };
  }
}
