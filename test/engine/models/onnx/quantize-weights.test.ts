import { expect, test } from 'vitest';
import { tensorOf, type LazyTensor } from '#core/tensor.ts';
import { quantizeWeights } from '../../../../electron/engine/models/onnx/quantize-weights.ts';

const floats = (tensor: LazyTensor) => [...new Float32Array(tensor.bytes().slice().buffer)];
const ints = (tensor: LazyTensor) => [...new Int32Array(tensor.bytes().slice().buffer)];
const int8 = (tensor: LazyTensor) => [...new Int8Array(tensor.bytes().slice().buffer)];

function quantized(
  values: number[],
  shape: number[],
  bias: number[] | null,
  { axis = 0, bits = 8 }: { axis?: number; bits?: 7 | 8 } = {},
) {
  const weight = tensorOf(Float32Array.from(values), shape);
  const biasTensor = bias && tensorOf(Float32Array.from(bias), [bias.length]);
  return quantizeWeights({ name: 'w', weight, bias: biasTensor, axis }, { inputScale: 0.5, bits });
}

test("the largest weight of each channel is 127, and the bias counts in the products' units", () => {
  const { weight, scale, zeroPoint, bias } = quantized([1.27, -0.5, 0.02, -12.7, 12.7, 6.3], [2, 3], [1, -20]);

  expect(weight).toMatchObject({ type: 'int8', shape: [2, 3] });
  expect(int8(weight)).toEqual([127, -50, 2, -127, 127, 63]);
  expect(floats(scale)).toEqual([expect.closeTo(0.01, 6), expect.closeTo(0.1, 6)]);
  expect(int8(zeroPoint)).toEqual([0, 0]);
  expect(ints(bias!.bias)).toEqual([200, -400]);
  expect(floats(bias!.scale)).toEqual([expect.closeTo(0.005, 6), expect.closeTo(0.05, 6)]);
  expect(ints(bias!.zeroPoint)).toEqual([0, 0]);
});

test('channels may lie along the second axis', () => {
  const { weight, scale } = quantized([1.27, 12.7, -0.5, -12.7], [2, 2], null, { axis: 1 });
  expect(int8(weight)).toEqual([127, 127, -50, -127]);
  expect(floats(scale)).toEqual([expect.closeTo(0.01, 6), expect.closeTo(0.1, 6)]);
});

test('7 bits go to 63', () => {
  expect(int8(quantized([1, -1, 0.51], [1, 3], null, { bits: 7 }).weight)).toEqual([63, -63, 32]);
});

test('a channel of noughts keeps its bias', () => {
  const { weight, bias } = quantized([0, 0], [1, 2], [3]);
  expect(int8(weight)).toEqual([0, 0]);
  expect(ints(bias!.bias)[0]! * floats(bias!.scale)[0]!).toBeCloseTo(3, 5);
});

test('a bias far larger than its weights leaves room for their products', () => {
  const { bias } = quantized([1e-9, -1e-9], [1, 2], [-1000]);
  expect(ints(bias!.bias)[0]).toBeGreaterThanOrEqual(-(2 ** 30));
  expect(ints(bias!.bias)[0]! * floats(bias!.scale)[0]!).toBeCloseTo(-1000, 3);
});

test('without anything but noughts all is nought', () => {
  const { weight, scale, bias } = quantized([0, 0], [1, 2], [0]);
  expect([int8(weight), ints(bias!.bias)]).toEqual([[0, 0], [0]]);
  expect(floats(scale)[0]).toBeGreaterThan(0);
  expect(floats(bias!.scale)[0]).toBeGreaterThan(0);
});

test.each([
  [[NaN, 1], [0]],
  [[1, 1], [Infinity]],
])('numbers that are not finite are refused: %j, %j', (values, bias) => {
  const { weight, bias: quantizedBias } = quantized(values, [1, 2], bias);
  expect(() => [weight.bytes(), quantizedBias!.bias.bytes()]).toThrow(/The weights of "w" are not finite/);
});
