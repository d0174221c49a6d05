/** @file How the libraries call the tensors of a ResNeXt. */
import { convNormsOf, featureCount, layoutOf, type Place } from './layout.ts';
import type { Architecture } from './architecture.ts';

export interface ConvNormNames {
  convolution: string;
  scale: string;
  offset: string;
  mean: string;
  variance: string;
}

/** What decides about names besides the place. */
export type Style = Pick<Architecture, 'stem' | 'shortcut'>;

export interface TensorNames {
  of(place: Place, style: Style): ConvNormNames;
  head: { weight: string; bias: string };
  /** The head's weight is [features, classes] instead of [classes, features]. */
  headTransposed: boolean;
}

/**
 * torchvision's names, and timm's for the deep stem and the pooled shortcut: the names of this code, too.
 *
 * Source: torchvision models/resnet.py, timm models/resnet.py.
 */
export const torchNames: TensorNames = {
  of(place, style) {
    const [convolution, norm] = torchModules(place, style);
    return {
      convolution: `${convolution}.weight`,
      scale: `${norm}.weight`,
      offset: `${norm}.bias`,
      mean: `${norm}.running_mean`,
      variance: `${norm}.running_var`,
    };
  },
  head: { weight: 'fc.weight', bias: 'fc.bias' },
  headTransposed: false,
};

/** The third of the deep stem's normalizations stands outside of its sequence. */
const deepStem = [
  ['conv1.0', 'conv1.1'],
  ['conv1.3', 'conv1.4'],
  ['conv1.6', 'bn1'],
] as const;

function torchModules(place: Place, { stem, shortcut }: Style): readonly [string, string] {
  if (place.part === 'stem') return stem === 'plain' ? ['conv1', 'bn1'] : deepStem[place.index]!;
  const block = `layer${place.stage + 1}.${place.block}`;
  if (place.part === 'block') return [`${block}.conv${place.index + 1}`, `${block}.bn${place.index + 1}`];
  // In a pooled shortcut the pool is number 0, even where it does nothing.
  const first = shortcut === 'pool' ? 1 : 0;
  return [`${block}.downsample.${first}`, `${block}.downsample.${first + 1}`];
}

/** Source: PaddleClas ppcls/arch/backbone/model_zoo/resnext.py and resnext_vd.py (`ConvBNLayer`, `BottleneckBlock`, `out`). */
export const paddleNames: TensorNames = {
  of(place, { stem }) {
    if (place.part === 'stem')
      return paddleLayer(stem === 'plain' ? 'conv' : `conv1_${place.index + 1}`, '_batch_norm');
    const block = `bb_${place.stage}_${place.block}`;
    return paddleLayer(`${block}.${place.part === 'block' ? `conv${place.index}` : 'short'}`, '_batch_norm');
  },
  head: { weight: 'out.weight', bias: 'out.bias' },
  headTransposed: true,
};

/** Source: PaddleClas ppcls/arch/backbone/model_zoo/resnext101_wsl.py. */
export const paddleWslNames: TensorNames = {
  of(place) {
    if (place.part === 'stem') return paddleLayer('_conv_stem', '_bn');
    const block = `_conv${place.stage + 1}_${place.block}`;
    return paddleLayer(`${block}.${place.part === 'block' ? `_conv${place.index}` : '_short._conv'}`, '_bn');
  },
  head: { weight: '_out.weight', bias: '_out.bias' },
  headTransposed: true,
};

function paddleLayer(layer: string, norm: string): ConvNormNames {
  return {
    convolution: `${layer}._conv.weight`,
    scale: `${layer}.${norm}.weight`,
    offset: `${layer}.${norm}.bias`,
    mean: `${layer}.${norm}._mean`,
    variance: `${layer}.${norm}._variance`,
  };
}

export interface ExpectedTensor {
  /** As a file of `names` has it. */
  fileName: string;
  shape: readonly number[];
}

/** Every tensor of an architecture by its canonical name, in the order in which they are used. */
export function expectedTensors(
  architecture: Architecture,
  names: TensorNames = torchNames,
): Map<string, ExpectedTensor> {
  const result = new Map<string, ExpectedTensor>();
  for (const { place, shape } of convNormsOf(layoutOf(architecture))) {
    const canonical = torchNames.of(place, architecture);
    const file = names.of(place, architecture);
    result.set(canonical.convolution, { fileName: file.convolution, shape });
    for (const part of ['scale', 'offset', 'mean', 'variance'] as const) {
      result.set(canonical[part], { fileName: file[part], shape: [shape[0]] });
    }
  }
  const { classCount } = architecture;
  const headShape = names.headTransposed ? [featureCount, classCount] : [classCount, featureCount];
  result.set(torchNames.head.weight, { fileName: names.head.weight, shape: headShape });
  result.set(torchNames.head.bias, { fileName: names.head.bias, shape: [classCount] });
  return result;
}
