/** @file Whether a filter and an order would by now give another list. */
import type { DatasetSummary } from '#core/dataset.ts';
import type { ImageFilter, ImageSort } from '#core/image-filter.ts';

export function isFiltered(filter: ImageFilter): boolean {
  return Object.values(filter).some((value) => (Array.isArray(value) ? value.length > 0 : value !== undefined));
}

/** Whatever changes which pictures a view holds, or their order, changes this. */
export function viewSignature(dataset: DatasetSummary, filter: ImageFilter, sort: ImageSort): string {
  const parts: unknown[] = [dataset.imageCount, dataset.byStatus.missing, dataset.sources.length];
  const byResult = sort.key === 'score' || sort.key === 'uncertainty';
  const { categoryId, minScore, maxScore, text } = filter;
  const byLabel = categoryId !== undefined || !!text;
  if (byResult || byLabel || minScore !== undefined || maxScore !== undefined || filter.status?.length) {
    parts.push(dataset.byStatus.done, dataset.byStatus.failed);
  }
  if (byLabel || filter.review?.length) parts.push(...Object.values(dataset.byReview));
  return parts.join(' ');
}
