import { expect, test } from 'vitest';
import { InputStatistics } from '../../../../electron/engine/models/onnx/input-statistics.ts';
import { roundWeights } from '../../../../electron/engine/models/onnx/round-weights.ts';
import { quantizeWeights } from '../../../../electron/engine/models/onnx/quantize-weights.ts';
import { tensorOf } from '#core/tensor.ts';
import { graphModel, node, uniformFloats } from '../../../support/onnx-run.ts';

/** One group of 3 channels, kernel 3 × 3: windows of 27 numbers. */
const weight = uniformFloats(8 * 27, 1);
const convolution = graphModel(
  [node('Conv', ['x', 'w', 'b'], 'y', { pads: [1, 1, 1, 1] })],
  { w: tensorOf(weight, [8, 3, 3, 3]), b: tensorOf(uniformFloats(8, 2), [8]) },
  ['N', 3, 16, 16],
);

/** A smooth picture, as photos are: neighbours say nearly the same, and nothing is nought on average. */
function picture(seed: number): Float32Array {
  const [a, b, c] = uniformFloats(3, seed) as unknown as [number, number, number];
  return Float32Array.from({ length: 3 * 256 }, (_, at) => 1 + a * ((at % 16) / 16) + b * Math.sin(at / 256 + c));
}

const dims = [1, 3, 16, 16];
const statistics = new InputStatistics(convolution);
for (let seed = 1; seed <= 40; seed++) statistics.add('x', picture(seed), dims);
const input = statistics.finish().get('y')!;

/** Mean squared error that the weights make, over means and products. */
function outputError(rounded: Int8Array, scales: Float32Array): number {
  const products = input.products![0]!;
  let error = 0;
  for (let output = 0; output < 8; output++) {
    const wrong = Array.from(
      { length: 27 },
      (_, at) => weight[output * 27 + at]! - rounded[output * 27 + at]! * scales[output]!,
    );
    for (let a = 0; a < 27; a++) for (let b = 0; b < 27; b++) error += wrong[a]! * wrong[b]! * products[a * 27 + b]!;
  }
  return error;
}

test('what is under the windows of a convolution is averaged, padding included', () => {
  expect(statistics.inputs).toEqual(['x']);
  expect(input.means).toHaveLength(1);
  const [products, means] = [input.products![0]!, input.means[0]!];
  // The centre of a window is never padding, its corner is now and then.
  expect(means[4]!).toBeGreaterThan(means[0]!);
  for (let a = 0; a < 27; a++) {
    expect(products[a * 27 + a]!).toBeGreaterThanOrEqual(means[a]! ** 2 * 0.999);
    for (let b = 0; b < a; b++) expect(products[a * 27 + b]).toBe(products[b * 27 + a]);
  }
});

test('weights rounded for what they are multiplied with make a smaller error than each rounded by itself', () => {
  const scales = new Float32Array(8).fill(1 / 31);
  const plain = Int8Array.from(weight, (value) => Math.round(value * 31));
  const rounded = roundWeights(weight, scales, input.products!, 127);
  expect(outputError(rounded, scales)).toBeLessThan(outputError(plain, scales) / 4);
  expect(rounded.every((value, index) => Math.abs(value - plain[index]!) < 8)).toBe(true);
});

test('no step goes beyond the limit, and channels that are always nought do no harm', () => {
  const nought = [new Float64Array(27 * 27)];
  expect(
    [...roundWeights(weight, new Float32Array(8).fill(1 / 500), nought, 63)].every((value) => Math.abs(value) <= 63),
  ).toBe(true);
});

test('the bias makes up for what rounding leaves on average', () => {
  const biases = uniformFloats(8, 2);
  const parts = { name: 'w', weight: tensorOf(weight, [8, 3, 3, 3]), bias: tensorOf(biases, [8]), axis: 0 };
  const quantized = quantizeWeights(parts, { inputScale: 0.001, bits: 7, input });
  const floats = (tensor: { bytes(): Uint8Array }) => new Float32Array(tensor.bytes().slice().buffer);
  const scales = floats(quantized.scale);
  const steps = new Int8Array(quantized.weight.bytes().slice().buffer);
  const bias = new Int32Array(quantized.bias!.bias.bytes().slice().buffer);
  for (let output = 0; output < 8; output++) {
    let missing = biases[output]! - bias[output]! * floats(quantized.bias!.scale)[output]!;
    for (let at = 0; at < 27; at++) {
      missing += (weight[output * 27 + at]! - steps[output * 27 + at]! * scales[output]!) * input.means[0]![at]!;
    }
    expect(Math.abs(missing)).toBeLessThan(1e-4);
  }
});

test('values of another shape are refused', () => {
  expect(() => new InputStatistics(convolution).add('x', new Float32Array(4), [1, 1, 2, 2])).toThrow(/has the shape/);
});
