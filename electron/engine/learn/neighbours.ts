/** @file The pictures most like one, by the cosine of their embeddings. */
import type { EmbeddingIndex } from './embedding-index.ts';
import type { Multiplier } from './head-model.ts';

/**
 * @param row  the one to compare with
 * @returns    cosines, shape [N]
 */
export async function similarities(
  { features, lengths }: Pick<EmbeddingIndex, 'features' | 'lengths'>,
  row: number,
  multiplier: Multiplier,
): Promise<Float32Array> {
  const { values, width } = features;
  // Copied, for the runtime reads tensors from the start of their memory.
  const query = { values: values.slice(row * width, (row + 1) * width), rows: 1, width };
  const cosines = (await multiplier.timesTransposed(features, query)).values;
  const own = lengths[row]!;
  for (let other = 0; other < cosines.length; other++) {
    const both = own * lengths[other]!;
    cosines[other] = both > 0 ? cosines[other]! / both : 0;
  }
  return cosines;
}
