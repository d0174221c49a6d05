/** @file A ResNeXt as a few numbers, and the names of its tensors. */

export interface Architecture {
  /** Bottleneck blocks in each of the four stages, e.g. [3, 4, 6, 3]. */
  blocks: readonly [number, number, number, number];
  /** Groups of every 3×3 convolution. */
  cardinality: number;
  /** Channels of one group in the first stage. */
  baseWidth: number;
  /** 'plain': one 7×7 convolution; 'deep': three 3×3 convolutions (vd, d). */
  stem: 'plain' | 'deep';
  /** Output channels of the deep stem's three convolutions, or of the one convolution, last is 64. */
  stemChannels: readonly number[];
  /** Down-sampling shortcuts: a strided 1×1 convolution, or a 2×2 average pool and a 1×1 convolution. */
  shortcut: 'convolution' | 'pool';
  classCount: number;
}
