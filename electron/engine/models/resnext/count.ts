/** @file How large a ResNeXt is and how much it computes. */
import { elementCount } from '#core/tensor.ts';
import type { Architecture } from './architecture.ts';
import { featureCount, layoutOf, type ConvNorm } from './layout.ts';
import { expectedTensors } from './tensor-names.ts';

export interface ResnextCounts {
  /** Trainable numbers: weights, biases, scales and offsets; what torchvision and timm state. */
  parameterCount: number;
  /**
   * With the running means and variances: what the tables of PaddleClas call Params. ResNeXt50_32x4d has 25.03 M
   * trainable numbers and 25.10 M in this sense; all twelve rows agree to the last digit.
   */
  storedCount: number;
  /** Multiply-accumulates of the convolutions and the classifier for one picture; PaddleClas' FLOPs add two per normalized value. */
  macCount: number;
}

/** @param side  height and width of the input, pixels */
export function countResnext(architecture: Architecture, side: number): ResnextCounts {
  let storedCount = 0;
  let runningCount = 0;
  for (const [name, { shape }] of expectedTensors(architecture)) {
    storedCount += elementCount(shape);
    if (/\.running_(?:mean|var)$/.test(name)) runningCount += elementCount(shape);
  }
  return { parameterCount: storedCount - runningCount, storedCount, macCount: countMacs(architecture, side) };
}

function countMacs(architecture: Architecture, inputSide: number): number {
  const { stem, blocks } = layoutOf(architecture);
  let side = inputSide;
  let macCount = featureCount * architecture.classCount;
  const count = ({ shape }: ConvNorm) => (macCount += elementCount(shape) * side ** 2);
  for (const convNorm of stem) {
    side = Math.ceil(side / convNorm.stride);
    count(convNorm);
  }
  side = Math.ceil(side / 2);
  for (const { convNorms, shortcut } of blocks) {
    const [reduce, grouped, expand] = convNorms;
    count(reduce);
    side = Math.ceil(side / grouped.stride);
    for (const convNorm of [grouped, expand, ...(shortcut ? [shortcut] : [])]) count(convNorm);
  }
  return macCount;
}
