/** @file One picture of a dataset, as lists, the detail view and exports see it. */

export type ImageStatus = 'pending' | 'done' | 'failed' | 'missing';
export const imageStatuses = ['pending', 'done', 'failed', 'missing'] as const satisfies readonly ImageStatus[];

export type ReviewState = 'unreviewed' | 'accepted' | 'corrected' | 'unsure' | 'skipped';
export const reviewStates = [
  'unreviewed',
  'accepted',
  'corrected',
  'unsure',
  'skipped',
] as const satisfies readonly ReviewState[];

/** One cell of the grid. */
export interface ImageRow {
  id: number;
  /** For `thumb://i/<token>`: opaque, valid for this library only. */
  token: string;
  /** Changes when the picture's content does; append as `?v=`. */
  version: string;
  /** File name without folders. */
  name: string;
  status: ImageStatus;
  errorCode: string | null;
  review: ReviewState;
  /** What counts: the decided categories, else the best prediction, else nothing. */
  label: string | null;
  decided: boolean;
  /** Of the best prediction, in [0, 1]. */
  score: number | null;
  /** Top-1 minus top-2 score, in [0, 1]. */
  margin: number | null;
  /** Decided categories beyond `label`. */
  moreLabels: number;
  /** Marked by the person to come back to. */
  flagged: boolean;
  hasNote: boolean;
  /** A parent that is surer than the label, e.g. 'animal/mammal'. */
  parent: { name: string; score: number } | null;
}

/** Everything the detail view shows. */
export interface ImageDetail extends ImageRow {
  /** Relative to its folder, forward slashes. */
  relativePath: string;
  /** The chosen folder it lies in. */
  folder: string;
  sizeBytes: number;
  /** Milliseconds since 1970. */
  modifiedMs: number;
  /** As displayed (after EXIF orientation), pixels; null until decoded. */
  width: number | null;
  height: number | null;
  format: string | null;
  errorMessage: string | null;
  modelTitle: string | null;
  /** Whose predictions these are: the model's, or those of the head learned from the person's decisions. */
  predictedBy: 'model' | 'head';
  /** The person's own words about it; empty for none. */
  note: string;
  predictions: { rank: number; categoryId: number; category: string; score: number }[];
  annotations: { categoryId: number; category: string; source: string }[];
}
