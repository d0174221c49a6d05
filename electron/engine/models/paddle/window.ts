/** @file Strides and padding of convolutions and pools, which Paddle spells in three ways. */
import { AppError } from '#core/errors.ts';
import type { OnnxAttribute } from '../onnx/model.ts';
import { ints } from './conversion.ts';
import { intsAttribute, textAttribute, unsupported, type PaddleOperator } from './program.ts';

/**
 * @param kernel     [height, width]
 * @param dilations  [height, width]
 * @returns          kernel_shape, strides, and auto_pad or pads [top, left, bottom, right]
 * @throws {AppError} 'model.invalid' for impossible sizes, 'model.unsupported' for a padding of another kind
 *
 * Source: Paddle, UpdatePaddingAndDilation: two paddings are [height, width], four [top, bottom, left, right]; SAME
 * pads the odd one at the end.
 */
export function windowAttributes(
  operator: PaddleOperator,
  kernel: readonly number[],
  dilations: readonly number[] = [1, 1],
): Record<string, OnnxAttribute> {
  const strides = intsAttribute(operator, 'strides', [1, 1]);
  if (![kernel, strides, dilations].every((sides) => sides.length === 2 && sides.every((side) => side > 0))) {
    throw new AppError('model.invalid', `The Paddle model is damaged: the window of "${operator.label}" is impossible`);
  }
  const window = { kernel_shape: ints(kernel), strides: ints(strides) };
  if (textAttribute(operator, 'padding_algorithm', 'EXPLICIT') !== 'SAME') {
    return { ...window, pads: ints(padsOf(operator)) };
  }
  if (dilations.some((side) => side !== 1)) throw unsupported('it pads a dilated window to the same size');
  return { ...window, auto_pad: { type: 'string', value: 'SAME_UPPER' } };
}

/** @returns [top, left, bottom, right] */
export function padsOf(operator: PaddleOperator): [number, number, number, number] {
  const algorithm = textAttribute(operator, 'padding_algorithm', 'EXPLICIT');
  if (algorithm === 'VALID') return [0, 0, 0, 0];
  if (algorithm !== 'EXPLICIT') throw unsupported(`it pads in the way "${algorithm.slice(0, 80)}"`);
  const paddings = intsAttribute(operator, 'paddings', [0, 0]);
  const [first, second, third, fourth] = paddings;
  if (paddings.some((side) => side < 0) || (paddings.length !== 2 && paddings.length !== 4)) {
    throw new AppError(
      'model.invalid',
      `The Paddle model is damaged: "${operator.label}" pads [${paddings.join(', ')}]`,
    );
  }
  return paddings.length === 2 ? [first!, second!, first!, second!] : [first!, third!, second!, fourth!];
}
