/** @file Sizes of what convolutions and poolings give. */
import { intAttribute, intsAttribute, stringAttribute } from './attributes.ts';
import type { OnnxNode } from './model.ts';

/**
 * @param input   sizes of the spatial axes
 * @param kernel  sizes of the window, one per spatial axis
 * @returns       sizes of the spatial axes; null where the window does not fit
 *
 * Source: ONNX operators Conv and MaxPool: floor((size + padding − extent) / stride) + 1; with "ceil_mode" rounded up,
 * but no window begins behind the padded input, as in PyTorch.
 */
export function slideWindow(node: OnnxNode, input: readonly number[], kernel: readonly number[]): number[] | null {
  if (kernel.length !== input.length) return null;
  const strides = intsAttribute(node, 'strides');
  const dilations = intsAttribute(node, 'dilations');
  const pads = intsAttribute(node, 'pads');
  const autoPad = stringAttribute(node, 'auto_pad') ?? 'NOTSET';
  const ceil = intAttribute(node, 'ceil_mode', 0) === 1;
  const output = input.map((size, axis) => {
    const stride = strides?.[axis] ?? 1;
    if (autoPad.startsWith('SAME')) return Math.ceil(size / stride);
    const extent = (kernel[axis]! - 1) * (dilations?.[axis] ?? 1) + 1;
    const before = autoPad === 'VALID' ? 0 : (pads?.[axis] ?? 0);
    const after = autoPad === 'VALID' ? 0 : (pads?.[axis + input.length] ?? 0);
    const steps = (size + before + after - extent) / stride;
    if (steps < 0) return 0;
    if (!ceil) return Math.floor(steps) + 1;
    const count = Math.ceil(steps) + 1;
    return (count - 1) * stride >= size + before ? count - 1 : count;
  });
  return output.every((size) => size >= 1) ? output : null;
}
