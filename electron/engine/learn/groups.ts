/** @file Pictures that can be accepted at a stroke: of one predicted category, or nearly the same ones. */
import { clusters } from './clusters.ts';
import { duplicateGroups } from './duplicates.ts';
import type { EmbeddingIndex } from './embedding-index.ts';
import type { Multiplier } from './head-model.ts';
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

/** Near duplicates by their embeddings; found again only when embeddings came in. */
export function openDuplicates(multiplier: () => Promise<Multiplier>) {
  let known: { stamp: string; groups: number[][] } | undefined;

  return {
    /** @returns groups with the category of the first of them that is decided */
    async groups(index: EmbeddingIndex, facts: readonly PictureFacts[]): Promise<FoundGroup[]> {
      const stamp = `${index.generation} ${index.rewritten} ${index.imageIds.length}`;
      if (known?.stamp !== stamp) known = { stamp, groups: await duplicateGroups(index, await multiplier()) };
      const decided = new Map<number, number | null>();
      const present = new Set<number>();
      for (const { imageId, review, countsAs } of facts) {
        present.add(imageId);
        if (review === 'accepted' || review === 'corrected') decided.set(imageId, countsAs);
      }
      return known.groups
        .map((all) => all.filter((imageId) => present.has(imageId)))
        .filter((imageIds) => imageIds.length > 1)
        .map((imageIds) => {
          const one = imageIds.find((imageId) => decided.has(imageId));
          const categoryId = one === undefined ? null : decided.get(one)!;
          return { categoryId, imageIds: imageIds.slice(0, groupLimit), doubtfulIds: [] };
        });
    },
  };
}
