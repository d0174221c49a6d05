/** @file The pictures most like one, by the cosine of their embeddings. */
import type { Matrix, Multiplier } from './head-model.ts';

/**
 * @param features  shape [N, K]
 * @param row       the one to compare with
 * @returns         cosines, shape [N]
 */
export async function similarities(features: Matrix, row: number, multiplier: Multiplier): Promise<Float32Array> {
  const { values, rows, width } = features;
  // Copied, for the runtime reads tensors from the start of their memory.
  const query = { values: values.slice(row * width, (row + 1) * width), rows: 1, width };
  const products = (await multiplier.timesTransposed(features, query)).values;
  const length = norm(query.values, 0, width);
  const cosines = new Float32Array(rows);
  for (let other = 0; other < rows; other++) {
    const lengths = length * norm(values, other * width, width);
    cosines[other] = lengths > 0 ? products[other]! / lengths : 0;
  }
  return cosines;
}

/** @returns rows, the most similar first; ties in their order */
export function mostSimilar(cosines: Float32Array, limit = cosines.length): Int32Array {
  const order = Int32Array.from(cosines, (_, row) => row);
  return order.sort((a, b) => cosines[b]! - cosines[a]! || a - b).subarray(0, limit);
}

function norm(values: Float32Array, from: number, width: number): number {
  let sum = 0;
  for (let at = from; at < from + width; at++) sum += values[at]! ** 2;
  return Math.sqrt(sum);
}
