/** @file Paddle's `pool2d` as an ONNX pool. */
import { int, type Conversion } from './conversion.ts';
import { boolAttribute, intsAttribute, textAttribute, unsupported, type PaddleOperator } from './program.ts';
import { padsOf, windowAttributes } from './window.ts';

/**
 * @throws {AppError} 'model.unsupported' for pools that ONNX has not
 *
 * Source: Paddle's documentation of pool2d: exclusive averages divide by what lies inside the picture, others by the
 * whole window; with `ceil_mode` the last window may hang over the edge.
 */
export function convertPool(operator: PaddleOperator, conversion: Conversion): void {
  if (textAttribute(operator, 'data_format', 'NCHW') === 'NHWC') throw unsupported('it is laid out NHWC');
  const kind = textAttribute(operator, 'pooling_type', 'max');
  if (kind !== 'max' && kind !== 'avg') throw unsupported(`it pools by "${kind.slice(0, 80)}"`);
  const x = conversion.input(operator, 'X');
  const kernel = boolAttribute(operator, 'global_pooling', false) ? [1, 1] : intsAttribute(operator, 'ksize', null);
  if (boolAttribute(operator, 'global_pooling', false) || boolAttribute(operator, 'adaptive', false)) {
    if (kernel.some((side) => side !== 1)) throw unsupported(`it pools to ${kernel.join(' × ')} values`);
    conversion.emit(operator, 'Out', kind === 'max' ? 'GlobalMaxPool' : 'GlobalAveragePool', [x]);
    return;
  }

  const window = windowAttributes(operator, kernel);
  const isSame = window['auto_pad'] !== undefined;
  // "Same" rounds up by itself.
  const ceil = boolAttribute(operator, 'ceil_mode', false) && !isSame;
  const exclusive = boolAttribute(operator, 'exclusive', true);
  const pads = isSame ? [0, 0, 0, 0] : padsOf(operator);
  if (ceil) {
    if (kind === 'avg' && !exclusive) throw unsupported('an average counts what lies beyond the edge');
    // Then the last window could begin beyond the picture, where Paddle and ONNX part.
    const strides = intsAttribute(operator, 'strides', [1, 1]);
    if (kernel.some((side, at) => side < strides[at]! + pads[at + 2]!))
      throw unsupported('a pool strides over its window');
  }
  conversion.emit(operator, 'Out', kind === 'max' ? 'MaxPool' : 'AveragePool', [x], {
    ...window,
    ceil_mode: int(ceil ? 1 : 0),
    ...(kind === 'avg' && { count_include_pad: int(exclusive ? 0 : 1) }),
  });
}
