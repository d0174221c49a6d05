/** @file What convolutions are fed: means and mean products of the numbers under their windows. */
import { AppError } from '#core/errors.ts';
import { intAttribute } from './attributes.ts';
import type { OnnxModel, OnnxNode } from './model.ts';

/** Of one convolution; one entry for each group. A window holds K numbers: channels of a group × kernel. */
export interface ConvolutionInput {
  /** Shape [K]. */
  means: readonly Float64Array[];
  /** Shape [K, K]; null for windows of more than {@link largestWindow} numbers. */
  products: readonly Float64Array[] | null;
}

/**
 * Products of larger windows would take too long. What gains by them are windows with few, unlike numbers anyway: the
 * picture itself, and narrow groups; over many numbers rounding errors even out by themselves.
 */
const largestWindow = 160;
/** Windows looked at in each picture: neighbouring ones say the same, and hundreds of pictures come. */
const maxWindows = 64;
const minWindows = 4;
/** Multiplications for one convolution and picture: a millisecond or two. */
const workPerPicture = 500_000;

interface Window {
  input: string;
  groups: number;
  /** Of a group. */
  channels: number;
  kernel: readonly [height: number, width: number];
  strides: readonly number[];
  pads: readonly number[];
  count: number;
  sums: Float64Array[];
  products: Float64Array[] | null;
}

/** Collects them picture by picture, in memory that the graph alone determines. */
export class InputStatistics {
  readonly #windows = new Map<string, Window>();
  /** Fixed, so that the same pictures give the same numbers. */
  #state = 1;

  constructor({ graph }: OnnxModel) {
    for (const node of graph.nodes) {
      const weight = graph.initializers.get(node.inputs[1] ?? '');
      if (node.operator !== 'Conv' || node.domain !== '' || weight?.shape.length !== 4) continue;
      const window = windowOf(node, weight.shape);
      if (window) this.#windows.set(node.outputs[0]!, window);
    }
  }

  /** The tensors to be given to {@link add}. */
  get inputs(): string[] {
    return [...new Set([...this.#windows.values()].map(({ input }) => input))];
  }

  /**
   * @param values  of the tensor `name`, shape `dims` = [N, C, H, W]
   * @throws {AppError} 'model.invalid' if the convolutions that read it have other channels
   */
  add(name: string, values: Float32Array, dims: readonly number[]): void {
    for (const window of this.#windows.values()) if (window.input === name) this.#addTo(window, values, dims);
  }

  /** By the name of what the convolution makes; those that were fed nothing are left out. */
  finish(): Map<string, ConvolutionInput> {
    const finished = new Map<string, ConvolutionInput>();
    for (const [output, { sums, products, count }] of this.#windows) {
      if (count === 0) continue;
      const mean = (values: Float64Array) => values.map((value) => value / count);
      const means = sums.map(mean);
      finished.set(output, { means, products: products?.map((upper) => mirrored(mean(upper))) ?? null });
    }
    return finished;
  }

  #addTo(window: Window, values: Float32Array, dims: readonly number[]): void {
    const [rows = 0, channels = 0, height = 0, width = 0] = dims;
    if (channels !== window.groups * window.channels || values.length !== rows * channels * height * width) {
      throw new AppError('model.invalid', `"${window.input}" has the shape [${dims.join(', ')}]`);
    }
    const { strides, pads, kernel } = window;
    const placesDown = Math.floor((height + pads[0]! + pads[2]! - kernel[0]) / strides[0]!) + 1;
    const placesAcross = Math.floor((width + pads[1]! + pads[3]! - kernel[1]) / strides[1]!) + 1;
    if (placesDown < 1 || placesAcross < 1) return;
    const size = window.sums[0]!.length;
    const work = window.groups * (window.products ? size * size : size);
    const wanted = Math.max(minWindows, Math.min(maxWindows, Math.floor(workPerPicture / work)));
    const found = new Float64Array(size);
    for (let row = 0; row < rows; row++) {
      const picture = values.subarray(row * channels * height * width, (row + 1) * channels * height * width);
      for (let turn = 0; turn < Math.min(wanted, placesDown * placesAcross); turn++) {
        const top = this.#below(placesDown) * strides[0]! - pads[0]!;
        const left = this.#below(placesAcross) * strides[1]! - pads[1]!;
        for (let group = 0; group < window.groups; group++) {
          gather(picture, { height, width, top, left }, window, group, found);
          accumulate(found, window.sums[group]!, window.products?.[group] ?? null);
        }
        window.count++;
      }
    }
  }

  /** A linear congruential generator; its upper bits are random enough for places. Constants: Numerical Recipes. */
  #below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * limit);
  }
}

/** @returns null for what is rare: gaps within a window, pads that the runtime works out */
function windowOf(node: OnnxNode, [outputs, channels, ...kernel]: readonly number[]): Window | null {
  const ints = (name: string, otherwise: number[]) => {
    const attribute = node.attributes.get(name);
    return attribute?.type === 'ints' ? attribute.value : otherwise;
  };
  const autoPad = node.attributes.get('auto_pad');
  if (autoPad?.type === 'string' && autoPad.value !== 'NOTSET') return null;
  const strides = ints('strides', [1, 1]);
  const pads = ints('pads', [0, 0, 0, 0]);
  const usual =
    strides.length === 2 && strides.every((stride) => stride > 0) && pads.length === 4 && pads.every((pad) => pad >= 0);
  if (!usual || ints('dilations', [1, 1]).some((dilation) => dilation !== 1)) return null;
  const groups = intAttribute(node, 'group', 1);
  const size = channels! * kernel[0]! * kernel[1]!;
  if (groups < 1 || outputs! % groups !== 0 || size < 1) return null;
  const each = (length: number) => Array.from({ length: groups }, () => new Float64Array(length));
  return {
    input: node.inputs[0]!,
    groups,
    channels: channels!,
    kernel: [kernel[0]!, kernel[1]!],
    strides,
    pads,
    count: 0,
    sums: each(size),
    products: size <= largestWindow ? each(size * size) : null,
  };
}

function gather(
  picture: Float32Array,
  { height, width, top, left }: { height: number; width: number; top: number; left: number },
  { channels, kernel }: Window,
  group: number,
  target: Float64Array,
): void {
  let at = 0;
  for (let channel = group * channels; channel < (group + 1) * channels; channel++) {
    for (let y = top; y < top + kernel[0]; y++) {
      for (let x = left; x < left + kernel[1]; x++) {
        const inside = y >= 0 && y < height && x >= 0 && x < width;
        target[at++] = inside ? picture[(channel * height + y) * width + x]! : 0;
      }
    }
  }
}

function accumulate(values: Float64Array, sums: Float64Array, products: Float64Array | null): void {
  const size = values.length;
  for (let first = 0; first < size; first++) {
    const value = values[first]!;
    if (value === 0) continue;
    sums[first] = sums[first]! + value;
    if (!products) continue;
    // Symmetric: the other half is copied at the end.
    for (let second = first, at = first * size + first; second < size; second++, at++) {
      products[at] = products[at]! + value * values[second]!;
    }
  }
}

function mirrored(upper: Float64Array): Float64Array {
  const size = Math.sqrt(upper.length);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < row; column++) upper[row * size + column] = upper[column * size + row]!;
  }
  return upper;
}
