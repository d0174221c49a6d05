/** @file Pictures that are nearly the same, as numbers of groups, for splits that must not part them. */
import { AppError } from '#core/errors.ts';
import type { Learner } from './learner.ts';

const pageSize = 50;

/**
 * @returns  a number for each picture that has near duplicates, the same for all of one group; empty when nothing is
 *   known about likeness yet
 */
export async function duplicateGroups(learner: Learner, datasetId: number): Promise<ReadonlyMap<number, number>> {
  const groupOf = new Map<number, number>();
  try {
    for (let offset = 0; ; offset += pageSize) {
      const page = { datasetId, kind: 'duplicates', offset, limit: pageSize, rows: 1 } as const;
      const { total, groups } = await learner.handlers['groups.list'](page);
      groups.forEach(({ imageIds }, index) => imageIds.forEach((imageId) => groupOf.set(imageId, offset + index + 1)));
      if (offset + pageSize >= total) return groupOf;
    }
  } catch (thrown) {
    // Without embeddings nobody knows what is alike; a split is still possible.
    if (AppError.from(thrown).code !== 'not-found') throw thrown;
    return groupOf;
  }
}
