/** @file Unreviewed pictures of one predicted category, to accept at a stroke, with the doubtful ones apart. */

export interface PredictedPicture {
  imageId: number;
  categoryId: number;
  /** Of the best prediction, in [0, 1]. */
  score: number;
  /** Top-1 minus top-2 score, in [0, 1]. */
  margin: number;
}

export interface Cluster {
  categoryId: number;
  /** Surest first. */
  imageIds: number[];
  /** Least sure first. */
  doubtfulIds: number[];
}

/** A prediction this sure is not doubtful, one whose lead is below `leastMargin` always is. */
const sureScore = 0.6;
const leastMargin = 0.15;
/** Pictures of one block: more than anybody looks through at once. */
const blockLimit = 5000;

/**
 * @param thresholdOf  a category's own bound of what is sure, if the person set one
 * @returns            largest block first
 */
export function clusters(
  pictures: Iterable<PredictedPicture>,
  thresholdOf: (categoryId: number) => number | null = () => null,
): Cluster[] {
  const byCategory = Map.groupBy(pictures, ({ categoryId }) => categoryId);
  const blocks = Array.from(byCategory, ([categoryId, members]) => {
    const bound = thresholdOf(categoryId) ?? sureScore;
    const isSure = ({ score, margin }: PredictedPicture) => score >= bound && margin >= leastMargin;
    const ids = (some: PredictedPicture[]) => some.slice(0, blockLimit).map(({ imageId }) => imageId);
    const ordered = members.toSorted((a, b) => b.score - a.score || a.imageId - b.imageId);
    return {
      categoryId,
      imageIds: ids(ordered.filter(isSure)),
      doubtfulIds: ids(ordered.filter((picture) => !isSure(picture)).reverse()),
    };
  });
  return blocks.sort(
    (a, b) =>
      b.imageIds.length - a.imageIds.length ||
      b.doubtfulIds.length - a.doubtfulIds.length ||
      a.categoryId - b.categoryId,
  );
}
