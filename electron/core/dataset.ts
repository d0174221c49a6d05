/** @file A named set of source folders and how far its labeling is. */
import type { ReviewRule } from './category.ts';
import type { ImageStatus, ReviewState } from './image.ts';
import type { LearnMode } from './learn.ts';
import type { RunProgress, ScanProgress } from './run.ts';

export interface Source {
  id: number;
  /** Absolute path as chosen; shown, never sent back. */
  folder: string;
  imageCount: number;
  reachable: boolean;
}

export interface DatasetSummary {
  id: number;
  name: string;
  sources: Source[];
  /** All pictures of the dataset, missing ones included. */
  imageCount: number;
  byStatus: Record<ImageStatus, number>;
  byReview: Record<ReviewState, number>;
  /** What goes on right now, else null. */
  scan: ScanProgress | null;
  run: RunProgress | null;
  /** Model of the newest run, to go on with. */
  modelId: string | null;
  /** A picture may have several categories. */
  multiLabel: boolean;
  learn: LearnMode;
  rules: ReviewRule[];
  canUndo: boolean;
  canRedo: boolean;
}

/** Why some files have no label. */
export interface Failure {
  imageId: number | null;
  /** Relative path, or the folder, as shown to a person. */
  path: string;
  code: string;
  message: string;
}
