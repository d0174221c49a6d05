/** @file Which pictures a person looks at, and in what order. */
import type { ImageStatus, ReviewState } from './image.ts';

export interface ImageFilter {
  /** Any of these; empty or absent: all. */
  review?: ReviewState[] | undefined;
  status?: ImageStatus[] | undefined;
  /** Pictures that count as this category (decided, else predicted). */
  categoryId?: number | undefined;
  /** Pictures that count as this category or as one below it. */
  underCategoryId?: number | undefined;
  /** Decided pictures whose best prediction was this category when they were decided; with `categoryId`: one cell of a confusion matrix. */
  predictedCategoryId?: number | undefined;
  flagged?: boolean | undefined;
  sourceId?: number | undefined;
  /** Score range of the best prediction, in [0, 1], ends included. */
  minScore?: number | undefined;
  maxScore?: number | undefined;
  /** Part of the relative path or of the label, any case. */
  text?: string | undefined;
}

/** Orders that an index of the library gives. */
export const indexedSortKeys = ['name', 'date', 'score', 'uncertainty'] as const;
export type IndexedSortKey = (typeof indexedSortKeys)[number];

/**
 * What to look at next, from embeddings and decisions:
 * - 'entropy': scores spread over many categories first;
 * - 'diverse': unsure ones first, but none like one before it;
 * - 'wrong': decided pictures whose decision is probably a slip, likeliest first;
 * - 'novel': least like anything decided first;
 * - 'random': a sample, always the same one, for an honest estimate of accuracy;
 * - 'similar': most like one picture first.
 */
export const queueKeys = ['entropy', 'diverse', 'wrong', 'novel', 'random', 'similar'] as const;
export type QueueKey = (typeof queueKeys)[number];

export const sortKeys = [...indexedSortKeys, ...queueKeys] as const;
export type SortKey = (typeof sortKeys)[number];

export interface ImageSort {
  /** 'uncertainty': smallest margin first when ascending. */
  key: SortKey;
  descending: boolean;
  /** 'similar': to this picture. */
  imageId?: number | undefined;
}
