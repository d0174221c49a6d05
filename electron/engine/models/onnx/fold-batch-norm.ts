/** @file Batch normalization, folded into the convolution before it. */
import { AppError } from '#core/errors.ts';
import { elementCount, readFloats, type LazyTensor } from '#core/tensor.ts';

/** Added to the variance. Source: the default of torch.nn.BatchNorm2d and paddle.nn.BatchNorm, which every ResNeXt keeps. */
export const batchNormEpsilon = 1e-5;

/** The four tensors of a normalization, each of shape [C]. */
export interface BatchNorm {
  scale: LazyTensor;
  offset: LazyTensor;
  mean: LazyTensor;
  variance: LazyTensor;
  /** Added to the variance; {@link batchNormEpsilon} when left out. */
  epsilon?: number;
}

/**
 * With f = scale / √(variance + ε), a convolution of weight · f and the bias offset + (bias − mean) · f gives what
 * convolution and normalization gave. Computed in doubles, rounded once to float32; nothing is read before the results' bytes are asked for.
 *
 * @param weight  shape [C, …]; the folded weight has the same shape, the bias [C]
 * @param before  the bias that the convolution has already, shape [C]
 * @throws {AppError} 'model.invalid' when the bytes are asked for and a variance is negative or no number
 */
export function foldBatchNorm(
  weight: LazyTensor,
  norm: BatchNorm,
  before: LazyTensor | null = null,
): { weight: LazyTensor; bias: LazyTensor } {
  return {
    weight: computed(weight.shape, () => {
      const factors = factorsOf(norm);
      const values = readFloats(weight);
      const folded = new Float32Array(values.length);
      const length = values.length / factors.length;
      for (let channel = 0, at = 0; channel < factors.length; channel++) {
        const factor = factors[channel]!;
        for (const end = at + length; at < end; at++) folded[at] = values[at]! * factor;
      }
      return folded;
    }),
    bias: computed(norm.offset.shape, () => {
      const factors = factorsOf(norm);
      const mean = readFloats(norm.mean);
      const bias = before ? readFloats(before) : mean.map(() => 0);
      return readFloats(norm.offset).map(
        (offset, channel) => offset + (bias[channel]! - mean[channel]!) * factors[channel]!,
      );
    }),
  };
}

function factorsOf({ scale, variance, epsilon = batchNormEpsilon }: BatchNorm): Float64Array {
  const variances = readFloats(variance);
  return Float64Array.from(readFloats(scale), (value, channel) => {
    const spread = variances[channel]!;
    if (!(spread >= 0)) {
      throw new AppError(
        'model.invalid',
        `A running variance is ${spread}; the weights are damaged or not of a trained network`,
      );
    }
    return value / Math.sqrt(spread + epsilon);
  });
}

/** The same numbers as float32; only other types are converted, when their bytes are asked for. */
export function asFloat32(tensor: LazyTensor): LazyTensor {
  return tensor.type === 'float32' ? tensor : computed(tensor.shape, () => readFloats(tensor));
}

function computed(shape: readonly number[], values: () => Float32Array): LazyTensor {
  return {
    type: 'float32',
    shape,
    bytes() {
      const { buffer, byteOffset } = values();
      return new Uint8Array(buffer, byteOffset, elementCount(shape) * Float32Array.BYTES_PER_ELEMENT);
    },
  };
}
