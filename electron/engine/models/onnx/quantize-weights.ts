/** @file Weights as signed bytes with a scale for each output channel, and biases in the units of their sums. */
import { AppError } from '#core/errors.ts';
import { elementCount, readFloats, type LazyTensor } from '#core/tensor.ts';
import type { ConvolutionInput } from './input-statistics.ts';
import { roundWeights } from './round-weights.ts';

export interface QuantizedWeights {
  /** int8, symmetric around 0. */
  weight: LazyTensor;
  /** float32, [C]. */
  scale: LazyTensor;
  /** int8, [C], all 0. */
  zeroPoint: LazyTensor;
  /** Null where there was none. */
  bias: {
    /** int32, [C]. */
    bias: LazyTensor;
    /** float32, [C]: of the input times that of the weight, as integer convolution has it. */
    scale: LazyTensor;
    /** int32, [C], all 0. */
    zeroPoint: LazyTensor;
  } | null;
}

/** A bias alone leaves room for the products that are added to it in 32 bits. */
const largestBias = 2 ** 30;
/** Below it a channel is nought for every purpose, and the scale of its bias would leave float32. */
const smallestScale = 2 ** -100;

/**
 * The largest weight of a channel becomes ±127 (±63 with 7 bits, for processors that add pairs of products in 16).
 * Nothing is read before the results' bytes are asked for; then scales are computed once and kept.
 *
 * @param name        for messages
 * @param axis        of the output channels
 * @param inputScale  what one step of the activations is worth
 * @param input       what the weights are multiplied with, if that was measured and `axis` is 0: rounding errors then
 *   make up for one another, and the bias for what they leave on average
 * @throws {AppError} 'model.invalid' when the bytes are asked for and a number is not finite
 */
export function quantizeWeights(
  { name, weight, bias, axis }: { name: string; weight: LazyTensor; bias: LazyTensor | null; axis: number },
  { inputScale, bits, input }: { inputScale: number; bits: 7 | 8; input?: ConvolutionInput | undefined },
): QuantizedWeights {
  const channels = weight.shape[axis]!;
  const inner = elementCount(weight.shape.slice(axis + 1));
  const limit = 2 ** (bits - 1) - 1;
  const channelOf = (index: number) => Math.floor(index / inner) % channels;

  let computed: Float32Array | null = null;
  const scales = () => (computed ??= computeScales());
  function computeScales(): Float32Array {
    const largest = new Float32Array(channels);
    readFinite(weight, name).forEach((value, index) => {
      const channel = channelOf(index);
      if (Math.abs(value) > largest[channel]!) largest[channel] = Math.abs(value);
    });
    const biases = bias && readFinite(bias, name);
    return largest.map((value, channel) => {
      const forBias = biases ? Math.abs(biases[channel]!) / inputScale / largestBias : 0;
      return Math.max(value / limit, forBias, smallestScale);
    });
  }

  let elaborate: Int8Array | null = null;
  function round(): Int8Array {
    const values = readFinite(weight, name);
    const all = scales();
    if (input?.products) return (elaborate ??= roundWeights(values, all, input.products, limit));
    const result = new Int8Array(values.length);
    for (let index = 0; index < values.length; index++) {
      const steps = Math.round(values[index]! / all[channelOf(index)]!);
      result[index] = Math.max(-limit, Math.min(limit, steps));
    }
    return result;
  }

  return {
    weight: bytesOf('int8', weight.shape, round),
    scale: bytesOf('float32', [channels], () => scales().slice()),
    zeroPoint: bytesOf('int8', [channels], () => new Int8Array(channels)),
    bias: bias && {
      bias: bytesOf('int32', [channels], () => {
        const all = scales();
        const left = input ? meanError(readFinite(weight, name), round(), all, input.means) : null;
        return Int32Array.from(readFinite(bias, name), (value, channel) => {
          const steps = Math.round((value + (left?.[channel] ?? 0)) / (inputScale * all[channel]!));
          return Math.max(-largestBias, Math.min(largestBias, steps));
        });
      }),
      scale: bytesOf('float32', [channels], () => scales().map((scale) => scale * inputScale)),
      zeroPoint: bytesOf('int32', [channels], () => new Int32Array(channels)),
    },
  };
}

/**
 * @param values   shape [O, K]; `rounded` likewise, in steps that `scales`, shape [O], are worth
 * @param means    shape [K] for each group: of the numbers that the weights are multiplied with
 * @returns        shape [O]: what is missing in each output on average
 */
function meanError(
  values: Float32Array,
  rounded: Int8Array,
  scales: Float32Array,
  means: readonly Float64Array[],
): Float64Array {
  const size = values.length / scales.length;
  return Float64Array.from(scales, (scale, output) => {
    const ofGroup = means[Math.floor((output * means.length) / scales.length)]!;
    let error = 0;
    for (let at = 0; at < size; at++) {
      const index = output * size + at;
      error += (values[index]! - rounded[index]! * scale) * ofGroup[at]!;
    }
    return error;
  });
}

function readFinite(tensor: LazyTensor, name: string): Float32Array {
  const values = readFloats(tensor);
  if (!values.every(Number.isFinite)) throw new AppError('model.invalid', `The weights of "${name}" are not finite`);
  return values;
}

function bytesOf(type: LazyTensor['type'], shape: readonly number[], values: () => ArrayBufferView): LazyTensor {
  return {
    type,
    shape,
    bytes() {
      const { buffer, byteOffset, byteLength } = values();
      return new Uint8Array(buffer, byteOffset, byteLength);
    },
  };
}
