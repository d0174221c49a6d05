/** @file From a feature map to the evidence in each of its cells. Pure arithmetic. */

export interface FeatureMap {
  /** Shape [D, H, W], or [H, W, D] with `channelsLast`. */
  values: Float32Array;
  /** D */
  channels: number;
  width: number;
  height: number;
  channelsLast: boolean;
}

/**
 * What each cell adds to a category: its mean over the cells is the product of `weights` with the pooled features, so
 * for weights over features of length 1 the logit without its bias, times the features' length.
 *
 * @param weights  shape [D]
 * @returns        shape [H, W], row by row
 *
 * Source: Zhou et al. (2016), arXiv:1512.04150, equation 2.
 */
export function weighCells(map: FeatureMap, weights: Float32Array): Float64Array {
  const { values, channels, channelsLast } = map;
  const count = map.width * map.height;
  const cells = new Float64Array(count);
  const [channelStep, cellStep] = channelsLast ? [1, channels] : [count, 1];
  for (let channel = 0; channel < channels; channel++) {
    const weight = weights[channel]!;
    for (let cell = 0; cell < count; cell++) {
      cells[cell] = cells[cell]! + weight * values[channel * channelStep + cell * cellStep]!;
    }
  }
  return cells;
}

/** The strongest evidence for becomes 1, evidence against 0; all 0 where nothing speaks for the category. */
export function sharesOf(cells: Float64Array): number[] {
  let most = 0;
  for (const cell of cells) most = Math.max(most, cell);
  return Array.from(cells, (cell) => (most > 0 ? Math.max(0, cell) / most : 0));
}
