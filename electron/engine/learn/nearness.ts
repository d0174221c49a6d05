/** @file How like something decided each picture of a dataset is, kept up to date as decisions come in. */
import type { EmbeddingIndex } from './embedding-index.ts';
import { rowsOf } from './examples.ts';
import type { Multiplier } from './head-model.ts';
import { scaleRows } from './projection.ts';
import { chanceOf } from './random.ts';

/** Decided pictures that others are compared with; of more, evenly chosen ones stand for all. */
const comparedLimit = 2000;
/** Rows compared at once: the product of a block and the decided ones stays small. */
const blockRows = 2048;

export interface Nearness {
  /**
   * @param decided  pictures of the index, by id
   * @returns        shape [N]: of every row the cosine to the decided picture most like it, itself left out; -1 for none
   */
  similarities(index: EmbeddingIndex, decided: readonly number[]): Promise<Float32Array>;
}

/** Only what came in since the last time is compared. */
export function openNearness(multiplier: () => Promise<Multiplier>): Nearness {
  let known: { stamp: string; rows: number; compared: Set<number>; best: Float32Array } | undefined;

  return {
    async similarities(index, decided) {
      const compared = new Set(thinned(decided));
      const stamp = `${index.generation} ${index.rewritten}`;
      // One that is no longer decided may have been the nearest of any.
      const holds = known?.stamp === stamp && known.compared.isSubsetOf(compared);
      const before = holds ? known! : undefined;
      const { features } = index;
      const best = new Float32Array(features.rows).fill(-1);
      if (before) best.set(before.best);
      const fresh = [...compared].filter((imageId) => !before?.compared.has(imageId));
      // Rows that were not there before are compared with all, those that were with what is new.
      await compare(index, fresh, 0, before?.rows ?? features.rows, best);
      if (before && before.rows < features.rows) await compare(index, [...compared], before.rows, features.rows, best);
      known = { stamp, rows: features.rows, compared, best };
      return best;
    },
  };

  async function compare(index: EmbeddingIndex, imageIds: number[], from: number, to: number, best: Float32Array) {
    if (imageIds.length === 0) return;
    const { features } = index;
    const decided = scaleRows(rowsOf(index, imageIds));
    const places = imageIds.map((imageId) => index.placeOf(imageId));
    for (let begin = from; begin < to; begin += blockRows) {
      const rows = Math.min(blockRows, to - begin);
      const values = features.values.slice(begin * features.width, (begin + rows) * features.width);
      const block = scaleRows({ values, rows, width: features.width });
      const { values: products } = await (await multiplier()).timesTransposed(block, decided);
      for (let row = 0; row < rows; row++) {
        let most = best[begin + row]!;
        for (let other = 0; other < places.length; other++) {
          const product = products[row * places.length + other]!;
          if (product > most && places[other] !== begin + row) most = product;
        }
        best[begin + row] = most;
      }
    }
  }
}

function thinned(imageIds: readonly number[]): readonly number[] {
  if (imageIds.length <= comparedLimit) return imageIds;
  // By their own numbers, so that one more decision does not choose all others anew.
  const share = 2 ** Math.floor(Math.log2(comparedLimit / imageIds.length));
  return imageIds.filter((imageId) => chanceOf(imageId) < share);
}
