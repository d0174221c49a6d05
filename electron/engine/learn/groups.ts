/** @file Pictures that can be accepted at a stroke: of one predicted category, or nearly the same ones. */
import type { Database } from '../store/database.ts';
import { clusters } from './clusters.ts';
import { duplicateGroups, duplicatesOf } from './duplicates.ts';
import type { EmbeddingIndex } from './embedding-index.ts';
import type { Multiplier } from './head-model.ts';
import { readLooks } from './look-bits.ts';
import type { PictureFacts } from './picture-facts.ts';
import type { FoundGroup } from './protocol.ts';

/** Pictures of one group: more than anybody looks through at once. */
const groupLimit = 5000;

/** Of unreviewed pictures, by what they are predicted to be. */
export function predictedGroups(facts: readonly PictureFacts[]): FoundGroup[] {
  return clusters(
    facts.flatMap(({ imageId, review, categoryId, score, margin }) =>
      review === 'unreviewed' && categoryId !== null ? [{ imageId, categoryId, score, margin }] : [],
    ),
  );
}

interface DuplicateParts {
  db: Database;
  multiplier: () => Promise<Multiplier>;
  /** Called some times a second. @throws to end comparing */
  turned: () => void;
}

/** Near duplicates of one dataset; found again only when results came in. */
export function openDuplicates({ db, multiplier, turned }: DuplicateParts, datasetId: number) {
  const looks = onceFor((index) => readLooks(db, datasetId, index));
  const found = onceFor(async (index) => duplicateGroups(index, await looks(index), await multiplier(), turned));

  return {
    /** @returns pictures nearly the same as that of a row, most alike first */
    of: async (index: EmbeddingIndex, row: number): Promise<number[]> =>
      duplicatesOf(index, await looks(index), row, await multiplier()),

    /** @returns groups with the category of the first of them that is decided */
    async groups(index: EmbeddingIndex, facts: readonly PictureFacts[]): Promise<FoundGroup[]> {
      const all = await found(index);
      const decided = new Map<number, number | null>();
      const present = new Set<number>();
      for (const { imageId, review, countsAs } of facts) {
        present.add(imageId);
        if (review === 'accepted' || review === 'corrected') decided.set(imageId, countsAs);
      }
      return all
        .map((imageIds) => imageIds.filter((imageId) => present.has(imageId)))
        .filter((imageIds) => imageIds.length > 1)
        .map((imageIds) => {
          const one = imageIds.find((imageId) => decided.has(imageId));
          const categoryId = one === undefined ? null : decided.get(one)!;
          return { categoryId, imageIds: imageIds.slice(0, groupLimit), doubtfulIds: [] };
        });
    },
  };
}

/** Work over an index, done once until that changes; whoever asks meanwhile waits for the same. */
function onceFor<Result>(work: (index: EmbeddingIndex) => Promise<Result>): (index: EmbeddingIndex) => Promise<Result> {
  let known: { stamp: string; result: Promise<Result> } | undefined;
  return (index) => {
    const stamp = `${index.generation} ${index.rewritten} ${index.imageIds.length}`;
    if (known?.stamp === stamp) return known.result;
    const begun = { stamp, result: work(index) };
    known = begun;
    begun.result.catch(() => {
      if (known === begun) known = undefined;
    });
    return begun.result;
  };
}
