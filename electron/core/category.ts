/** @file A class of one dataset: what pictures can be labeled with, and how categories nest. */

export interface Category {
  id: number;
  name: string;
  supercategory: string;
  /** The category it is a kind of; null at the top. */
  parentId: number | null;
  /** Only there to hold others together (from a model's tree of labels); nobody labeled with it. */
  grouping: boolean;
  wordnetId: string | null;
  /** '#rrggbb', chosen by the person; null for none. */
  colour: string | null;
  /** One letter of the person's own choice, upper case; null for none. */
  hotkey: string | null;
  /** A prediction below this score does not count as sure, in [0, 1]; null for none. */
  threshold: number | null;
  /** Pictures that count as it (decided, else predicted), without those of its children. */
  imageCount: number;
  /** Pictures a person decided are it. */
  decidedCount: number;
}

/** Other words a category is found by, in any language. */
export interface CategoryWords {
  categoryId: number;
  words: string[];
}

/** What of a category a person can change; absent keeps it. */
export interface CategoryPatch {
  name?: string | undefined;
  parentId?: number | null | undefined;
  colour?: string | null | undefined;
  hotkey?: string | null | undefined;
  threshold?: number | null | undefined;
}

/** "Everything under `categoryId` below `below` → unsure". */
export interface ReviewRule {
  /** The category and all below it; null: every category. */
  categoryId: number | null;
  /** Score of the best prediction, in [0, 1]. */
  below: number;
  then: 'unsure' | 'skip';
}

/** How general the label of an export is: as labeled, its parent, or the root of its tree. */
export const categoryLevels = ['own', 'parent', 'top'] as const;
export type CategoryLevel = (typeof categoryLevels)[number];
