/** @file What a ResNeXt is made of: every convolution with its batch normalization, in the order in which they run. */
import type { Architecture } from './architecture.ts';

/** Where a convolution and its normalization stand; all indexes 0-based. */
export type Place =
  | { part: 'stem'; index: number }
  | { part: 'block'; stage: number; block: number; index: 0 | 1 | 2 }
  | { part: 'shortcut'; stage: number; block: number };

export interface ConvNorm {
  place: Place;
  /** [output channels, input channels of one group, kernel, kernel]; padding is (kernel − 1) / 2, there is no bias. */
  shape: readonly [number, number, number, number];
  groups: number;
  stride: number;
}

/** A bottleneck: 1×1, grouped 3×3 (which carries the stride), 1×1, added to the shortcut. */
export interface Block {
  /** 'layer2.0', as in torchvision. */
  name: string;
  convNorms: readonly [ConvNorm, ConvNorm, ConvNorm];
  /** Null where the block's input is added as it is. */
  shortcut: ConvNorm | null;
  /** A 2×2 average pool of stride 2 stands before the shortcut's convolution. */
  pooled: boolean;
}

export interface Layout {
  stem: readonly ConvNorm[];
  blocks: readonly Block[];
}

/** Channels that the stem hands to the first stage. */
export const stemWidth = 64;
/** Output channels of the last stage, which are the features. */
export const featureCount = 2048;

/**
 * Source: torchvision models/resnet.py (Bottleneck: width = planes · baseWidth / 64 · groups, output = 4 · planes, the
 * stride on the 3×3 convolution); PaddleClas resnext.py and resnext_vd.py, timm resnet.py (downsample_avg) for the rest.
 */
export function layoutOf(architecture: Architecture): Layout {
  const { blocks, cardinality, baseWidth, shortcut } = architecture;
  const stem = stemOf(architecture);
  const result: Block[] = [];
  let inChannels = stem.at(-1)!.shape[0];
  for (const [stage, count] of blocks.entries()) {
    const groupWidth = baseWidth * 2 ** stage;
    const width = groupWidth * cardinality;
    const outChannels = 256 * 2 ** stage;
    for (let block = 0; block < count; block++) {
      const stride = stage > 0 && block === 0 ? 2 : 1;
      const pooled = shortcut === 'pool' && stride === 2;
      const at = (index: 0 | 1 | 2): Place => ({ part: 'block', stage, block, index });
      result.push({
        name: `layer${stage + 1}.${block}`,
        convNorms: [
          { place: at(0), shape: [width, inChannels, 1, 1], groups: 1, stride: 1 },
          { place: at(1), shape: [width, groupWidth, 3, 3], groups: cardinality, stride },
          { place: at(2), shape: [outChannels, width, 1, 1], groups: 1, stride: 1 },
        ],
        shortcut:
          block > 0
            ? null
            : {
                place: { part: 'shortcut', stage, block },
                shape: [outChannels, inChannels, 1, 1],
                groups: 1,
                stride: pooled ? 1 : stride,
              },
        pooled,
      });
      inChannels = outChannels;
    }
  }
  return { stem, blocks: result };
}

function stemOf({ stem, stemChannels }: Architecture): ConvNorm[] {
  const kernel = stem === 'plain' ? 7 : 3;
  return stemChannels.map((channels, index) => ({
    place: { part: 'stem', index },
    shape: [channels, stemChannels[index - 1] ?? 3, kernel, kernel],
    groups: 1,
    stride: index === 0 ? 2 : 1,
  }));
}

export function convNormsOf({ stem, blocks }: Layout): ConvNorm[] {
  return [
    ...stem,
    ...blocks.flatMap(({ convNorms, shortcut }) => (shortcut ? [...convNorms, shortcut] : [...convNorms])),
  ];
}
