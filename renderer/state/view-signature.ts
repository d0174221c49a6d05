/** @file Whether a filter and an order would by now give another list. */
import type { DatasetSummary } from '#core/dataset.ts';
import type { ImageFilter, ImageSort } from '#core/image-filter.ts';

export function isFiltered(filter: ImageFilter): boolean {
  return Object.values(filter).some((value) => (Array.isArray(value) ? value.length > 0 : value !== undefined));
}

/**
 * Whatever changes which pictures a view holds, or their order, changes this.
 *
 * @param learned  the version of the head whose predictions count; 0 for the model's
 */
export function viewSignature(dataset: DatasetSummary, filter: ImageFilter, sort: ImageSort, learned = 0): string {
  const parts: unknown[] = [dataset.imageCount, dataset.byStatus.missing, dataset.sources.length];
  const { categoryId, underCategoryId, predictedCategoryId, flagged, minScore, maxScore, text } = filter;
  const byPrediction = ['score', 'uncertainty', 'entropy', 'diverse', 'wrong', 'novel'].includes(sort.key);
  const byLabel = [categoryId, underCategoryId, predictedCategoryId].some((id) => id !== undefined) || !!text;
  const byScore = minScore !== undefined || maxScore !== undefined;
  if (byPrediction || byLabel || byScore) parts.push(learned);
  if (byPrediction || sort.key === 'similar' || byLabel || byScore || filter.status?.length) {
    parts.push(dataset.byStatus.done, dataset.byStatus.failed);
  }
  if (byLabel || filter.review?.length || flagged !== undefined) parts.push(...Object.values(dataset.byReview));
  // Each decision moves these queues a little; only when as many again were made is another look worth it.
  if ((sort.key === 'wrong' || sort.key === 'novel') && learned === 0) {
    parts.push(32 - Math.clz32(dataset.byReview.accepted + dataset.byReview.corrected));
  }
  return parts.join(' ');
}
