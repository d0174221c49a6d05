/** @file How large a ResNeXt is and how much it computes. */
import { AppError } from '#core/errors.ts';
import { elementCount, type LazyTensor } from '#core/tensor.ts';
import { buildResnext } from '../onnx/build.ts';
import { countCost, type Cost } from '../onnx/cost.ts';
import type { Architecture } from './architecture.ts';
import { expectedTensors } from './tensor-names.ts';

/** `parameterCount` is what torchvision and timm state; `macCount` is for one picture. */
export interface ResnextCounts extends Cost {
  /**
   * The trainable numbers with the running means and variances: what the tables of PaddleClas call Params.
   * ResNeXt50_32x4d has 25.03 M of the former and 25.10 M of the latter; all twelve rows agree to their last digit.
   */
  storedCount: number;
}

/**
 * Counted in the graph that would be built. PaddleClas' FLOPs are higher than `macCount` by half a percent, because they
 * count two for each normalized value, too.
 *
 * @param side  height and width of the input, pixels
 */
export function countResnext(architecture: Architecture, side: number): ResnextCounts {
  const tensors = new Map(
    Array.from(expectedTensors(architecture), ([name, { shape }]) => [name, shapeOnly(shape)] as const),
  );
  const cost = countCost(buildResnext(architecture, tensors, { foldBatchNorm: false, side }), {
    height: side,
    width: side,
  });
  if (!cost) throw new AppError('internal', 'The cost of a ResNeXt cannot be counted');
  const storedCount = Array.from(tensors.values(), ({ shape }) => elementCount(shape)).reduce(
    (sum, count) => sum + count,
    0,
  );
  return { ...cost, storedCount };
}

function shapeOnly(shape: readonly number[]): LazyTensor {
  return {
    type: 'float32',
    shape,
    bytes() {
      throw new AppError('internal', 'A tensor without numbers was read');
    },
  };
}
