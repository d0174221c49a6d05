import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseProgramJson } from '../../../../electron/engine/models/paddle/program-json.ts';
import { paddleToOnnx } from '../../../../electron/engine/models/paddle/to-onnx.ts';
import { compute, convert, numbers, tensors, unary } from '../../../support/paddle/compute.ts';
import type { Weights } from '../../../support/paddle/params.ts';
import type { Attribute, Operator } from '../../../support/paddle/pdmodel.ts';
import { PirWriter } from '../../../support/paddle/pir.ts';
import { largestDifference, runModel } from '../../../support/paddle/run.ts';

test('an addition along an axis meets the channels, and one without an axis the last sizes', async () => {
  const x = numbers(1, 3, 2, 2);
  const bias = numbers(3);
  const along = (axis: number): Operator => ({
    type: 'elementwise_add',
    inputs: { X: ['x'], Y: ['b'] },
    outputs: { Out: ['y'] },
    attributes: { axis: ['int', axis] },
  });
  const channels = await compute([along(1)], x, { b: bias });
  expect(
    largestDifference(
      channels.values,
      x.values.map((value, at) => value + bias.values[Math.floor(at / 4)]!),
    ),
  ).toBe(0);

  const last = numbers(2);
  const columns = await compute([along(-1)], x, { b: last });
  expect(
    largestDifference(
      columns.values,
      x.values.map((value, at) => value + last.values[at % 2]!),
    ),
  ).toBe(0);
});

/** x [1, 2] times weights [2, 3] by hand. */
function byHand(x: Weights, weights: Weights): Float32Array {
  const [a, b] = x.values as unknown as [number, number];
  return Float32Array.from({ length: 3 }, (_, at) => a * weights.values[at]! + b * weights.values[3 + at]!);
}

test('fully connected layers of every age multiply alike', async () => {
  const x = numbers(1, 2);
  const w = numbers(2, 3);
  const turned = { shape: [3, 2], values: Float32Array.from([0, 3, 1, 4, 2, 5], (at) => w.values[at]!) };
  const product = (type: string, attributes: Record<string, Attribute>): Operator => ({
    type,
    inputs: { X: ['x'], Y: ['w'] },
    outputs: { Out: ['y'] },
    attributes,
  });
  const expected = byHand(x, w);
  const plain = await compute([product('matmul_v2', {})], x, { w });
  const transposed = await compute([product('matmul_v2', { trans_y: ['bool', true] })], x, { w: turned });
  const old = await compute([product('matmul', { alpha: ['float', 2], transpose_Y: ['bool', true] })], x, {
    w: turned,
  });
  const oldest = await compute([product('mul', { x_num_col_dims: ['int', 1] })], { ...x, shape: [1, 2, 1, 1] }, { w });
  const linear = await compute(
    [{ type: 'linear_v2', inputs: { X: ['x'], Weight: ['w'], Bias: ['b'] }, outputs: { Out: ['y'] } }],
    x,
    { w, b: numbers(3) },
  );
  expect(largestDifference(plain.values, expected)).toBeLessThan(1e-6);
  expect(largestDifference(transposed.values, expected)).toBeLessThan(1e-6);
  expect(
    largestDifference(
      old.values,
      expected.map((value) => 2 * value),
    ),
  ).toBeLessThan(1e-6);
  expect(largestDifference(oldest.values, expected)).toBeLessThan(1e-6);
  expect(
    largestDifference(
      linear.values,
      expected.map((value, at) => value + numbers(3).values[at]!),
    ),
  ).toBeLessThan(1e-6);
});

test('scales add before or after they multiply, whatever their factor is stored as', async () => {
  const x = numbers(1, 4);
  const after = await compute([unary('scale', { scale: ['float', 2], bias: ['float', 3] })], x);
  expect(
    largestDifference(
      after.values,
      x.values.map((value) => 2 * value + 3),
    ),
  ).toBeLessThan(1e-6);
  const before = await compute(
    [unary('scale', { scale: ['scalar', 2], bias: ['float', 3], bias_after_scale: ['bool', false] })],
    x,
  );
  expect(
    largestDifference(
      before.values,
      x.values.map((value) => 2 * (value + 3)),
    ),
  ).toBeLessThan(1e-6);
});

test('dropout is what each kind of it is outside training', async () => {
  const x = numbers(1, 4);
  const dropout = (kind: string) =>
    unary('dropout', {
      dropout_prob: ['float', 0.25],
      dropout_implementation: ['text', kind],
      is_test: ['bool', true],
    });
  const relu: Operator = { type: 'relu', inputs: { X: ['d'] }, outputs: { Out: ['y'] } };
  const dropped = (kind: string) => [{ ...dropout(kind), outputs: { Out: ['d'] } }, relu];
  const kept = await compute(dropped('upscale_in_train'), x);
  expect(
    largestDifference(
      kept.values,
      x.values.map((value) => Math.max(0, value)),
    ),
  ).toBe(0);
  const scaled = await compute(dropped('downgrade_in_infer'), x);
  expect(
    largestDifference(
      scaled.values,
      x.values.map((value) => Math.max(0, value) * 0.75),
    ),
  ).toBeLessThan(1e-6);
});

test('sigmoid, softmax and squeeze do what their names say, also after an assign', async () => {
  const x = numbers(1, 3, 1, 1);
  const copy: Operator = { type: 'assign', inputs: { X: ['x'] }, outputs: { Out: ['c'] } };
  const squeeze = (out: string): Operator => ({
    type: 'squeeze2',
    inputs: { X: ['c'] },
    outputs: { Out: [out], XShape: ['shape'] },
    attributes: { axes: ['ints', [2, 3]] },
  });
  const end = (type: string): Operator => ({ type, inputs: { X: ['s'] }, outputs: { Out: ['y'] } });
  const sigmoid = await compute([copy, squeeze('s'), end('sigmoid')], x);
  expect(sigmoid.shape).toEqual([1, 3]);
  expect(
    largestDifference(
      sigmoid.values,
      x.values.map((value) => 1 / (1 + Math.exp(-value))),
    ),
  ).toBeLessThan(1e-6);
  const softmax = await compute([copy, squeeze('s'), end('softmax')], x);
  const sum = x.values.reduce((total, value) => total + Math.exp(value), 0);
  expect(
    largestDifference(
      softmax.values,
      x.values.map((value) => Math.exp(value) / sum),
    ),
  ).toBeLessThan(1e-6);
});

test('a value that is written twice is the later one for whoever comes after', async () => {
  const x = numbers(1, 4);
  const inPlace: Operator = { type: 'relu', inputs: { X: ['x'] }, outputs: { Out: ['x'] } };
  const sum: Operator = { type: 'elementwise_add', inputs: { X: ['x'], Y: ['x'] }, outputs: { Out: ['y'] } };
  const { values } = await compute([inPlace, sum], x);
  expect(
    largestDifference(
      values,
      x.values.map((value) => 2 * Math.max(0, value)),
    ),
  ).toBe(0);
});

test('a reshape that fixes the batch fixes the input too', () => {
  const { graph } = convert([unary('reshape2', { shape: ['ints', [2, 12]] })], [2, 3, 2, 2]);
  expect(graph.inputs[0]!.shape).toEqual([2, 3, 2, 2]);
});

test('sizes that the program leaves open stay open', () => {
  const { graph } = convert([unary('relu')], [-1, 3, -1, -1]);
  expect(graph.inputs[0]!.shape).toEqual(['N', 3, 'H', 'W']);
});

test('Paddle 3 takes dropout as a number beside its input, and a bias as a reshaped parameter', async () => {
  const writer = new PirWriter();
  const parameter = { b: numbers(3) };
  writer.parameter('b', [3]);
  const x = writer.input('x', [-1, 3, 2, 2]);
  const p = writer.operation('1.full', [], [1], { value: { '#': '0.a_f64', D: 0.25 } });
  const mode = { '#': '0.a_str', D: 'downgrade_in_infer' };
  const dropped = writer.operation('1.dropout', [x, 0, p], [-1, 3, 2, 2], {
    is_test: { '#': '0.a_bool', D: true },
    mode,
  });
  writer.output(writer.add(dropped, writer.reshape(1, [1, 3, 1, 1])));
  const model = paddleToOnnx(parseProgramJson(writer.encode().toString()), tensors(parameter));
  const input = numbers(1, 3, 2, 2);
  const folder = mkdtempSync(join(tmpdir(), 'paddle-operators-'));
  const { fetch_name_0: y } = await runModel(model, folder, input).finally(() => rmSync(folder, { recursive: true }));
  const expected = input.values.map((value, at) => 0.75 * value + parameter.b.values[Math.floor(at / 4)]!);
  expect(largestDifference(y!.values, expected)).toBeLessThan(1e-6);
});

const refused: [string, Operator[], RegExp][] = [
  ['an operator of another network', [unary('hard_swish')], /"hard_swish"/],
  ['a pool to several values', [unary('pool2d', { adaptive: ['bool', true], ksize: ['ints', [7, 7]] })], /7 × 7/],
  [
    'pictures with channels last',
    [unary('pool2d', { data_format: ['text', 'NHWC'], ksize: ['ints', [1, 1]] })],
    /NHWC/,
  ],
  ['a squeeze of whatever is one', [unary('squeeze2', { axes: ['ints', []] })], /squeeze/],
  [
    'a flatten of some axes',
    [unary('flatten_contiguous_range', { start_axis: ['int', 2], stop_axis: ['int', 3] })],
    /2 to 3/,
  ],
  ['a scale by a computed factor', [{ ...unary('scale'), inputs: { X: ['x'], ScaleTensor: ['x'] } }], /computes/],
];

for (const [title, operators, why] of refused) {
  test(`${title} is refused by name`, () => {
    expect(() => convert(operators, [-1, 3, 8, 8])).toThrow(
      expect.objectContaining({ code: 'model.unsupported', message: expect.stringMatching(why) }),
    );
  });
}
