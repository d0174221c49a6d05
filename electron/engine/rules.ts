/** @file A person's own rules: which pictures nobody has reviewed they speak of, and what becomes of those. */
import type { DecisionResult } from '#contract/calls.ts';
import type { ReviewRule } from '#core/category.ts';
import type { ImageFilter } from '#core/image-filter.ts';
import type { Store } from './store/store.ts';

export interface RuledPictures {
  unsure: Int32Array;
  skipped: Int32Array;
}

/** Of several rules that speak of a picture the first counts. */
export async function ruledPictures(
  { views }: Store,
  datasetId: number,
  rules: readonly ReviewRule[],
): Promise<RuledPictures> {
  const ruled = new Set<number>();
  const ids: Record<ReviewRule['then'], number[]> = { unsure: [], skip: [] };
  for (const rule of rules) {
    if (rule.below === 0) continue;
    for (const imageId of await views.find(datasetId, filterOf(rule))) {
      if (ruled.has(imageId)) continue;
      ruled.add(imageId);
      ids[rule.then].push(imageId);
    }
  }
  return { unsure: Int32Array.from(ids.unsure), skipped: Int32Array.from(ids.skip) };
}

/** One step of undo. */
export async function applyRules(store: Store, datasetId: number): Promise<DecisionResult> {
  const { unsure, skipped } = await ruledPictures(store, datasetId, store.datasets.way(datasetId).rules);
  return store.decisions.applyRules(datasetId, unsure, skipped);
}

/** A range of scores includes its ends; half an epsilon is the step between the largest numbers below 1. */
const filterOf = ({ categoryId, below }: ReviewRule): ImageFilter => ({
  review: ['unreviewed'],
  status: ['done'],
  ...(categoryId !== null && { underCategoryId: categoryId }),
  maxScore: below - Number.EPSILON / 2,
});
