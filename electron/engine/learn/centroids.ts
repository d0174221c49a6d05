/** @file The plainest classifier there is, to compare with: each category is the mean of its examples. */
import type { Examples, HeadModel } from './head-model.ts';

/**
 * The nearest mean by Euclidean distance, which is linear: |x − m|² is smallest where x · m − ½|m|² is largest.
 *
 * @param examples  with one category a picture
 */
export function centroidHead({ features, labels, categoryIds }: Examples): HeadModel {
  const { values, width } = features;
  const weights = new Float32Array(categoryIds.length * width);
  const counts = new Int32Array(categoryIds.length);
  labels.forEach(([category], row) => {
    counts[category!]!++;
    for (let k = 0; k < width; k++) weights[category! * width + k]! += values[row * width + k]!;
  });
  const biases = new Float32Array(categoryIds.length);
  counts.forEach((count, category) => {
    let square = 0;
    for (let k = 0; k < width; k++) {
      const mean = weights[category * width + k]! / Math.max(1, count);
      weights[category * width + k] = mean;
      square += mean * mean;
    }
    // What has no example is nearest to nothing.
    biases[category] = count === 0 ? -Infinity : -square / 2;
  });
  return { categoryIds, width, weights, biases, temperature: 1, multiLabel: false };
}
