/** @file Which pictures a person looks at, and in what order. */
import type { ImageStatus, ReviewState } from './image.ts';

export interface ImageFilter {
  /** Any of these; empty or absent: all. */
  review?: ReviewState[] | undefined;
  status?: ImageStatus[] | undefined;
  /** Pictures that count as this category (decided, else predicted). */
  categoryId?: number | undefined;
  sourceId?: number | undefined;
  /** Score range of the best prediction, in [0, 1], ends included. */
  minScore?: number | undefined;
  maxScore?: number | undefined;
  /** Part of the relative path or of the label, any case. */
  text?: string | undefined;
}

export const sortKeys = ['name', 'date', 'score', 'uncertainty'] as const;
export type SortKey = (typeof sortKeys)[number];

export interface ImageSort {
  /** 'uncertainty': smallest margin first when ascending. */
  key: SortKey;
  descending: boolean;
}
