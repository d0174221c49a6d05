import { expect, test } from 'vitest';
import { elementSizes, readFloats, tensorOf, type LazyTensor } from '#core/tensor.ts';
import { foldBatchNorm } from '../../../../electron/engine/models/onnx/fold-batch-norm.ts';

const norm = (variance: number) => ({
  scale: tensorOf(Float32Array.of(2, -0.5), [2]),
  offset: tensorOf(Float32Array.of(1, 3), [2]),
  mean: tensorOf(Float32Array.of(4, -8), [2]),
  variance: tensorOf(Float32Array.of(4 - 1e-5, variance), [2]),
});

test('folding scales each output channel and shifts by what is left, and leaves the original as it was', () => {
  const values = Float32Array.of(1, 2, 3, 4);
  const { weight, bias } = foldBatchNorm(tensorOf(values, [2, 2, 1, 1]), norm(1 - 1e-5));

  expect([...readFloats(weight)].map((value) => Number(value.toFixed(5)))).toEqual([1, 2, -1.5, -2]);
  expect([...readFloats(bias)].map((value) => Number(value.toFixed(5)))).toEqual([-3, -1]);
  expect(weight.shape).toEqual([2, 2, 1, 1]);
  expect([...values]).toEqual([1, 2, 3, 4]);
});

test('halves become float32 before they are scaled', () => {
  const halves = Uint16Array.of(0x3c00, 0x4000);
  const half: LazyTensor = { type: 'float16', shape: [2, 1, 1, 1], bytes: () => new Uint8Array(halves.buffer) };
  const { weight } = foldBatchNorm(half, norm(1 - 1e-5));

  expect(weight.bytes()).toHaveLength(2 * elementSizes.float32);
  expect(readFloats(weight)[1]).toBeCloseTo(-1, 5);
});

test.each([-1, NaN])('a variance of %d is refused', (variance) => {
  const { bias } = foldBatchNorm(tensorOf(new Float32Array(2), [2, 1, 1, 1]), norm(variance));

  expect(() => bias.bytes()).toThrow(expect.objectContaining({ code: 'model.invalid' }));
});
