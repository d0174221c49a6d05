/** @file What goes into an export. */
import type { CategoryLevel } from './category.ts';
import type { CsvDialect } from './csv.ts';
import type { KeywordOptions } from './keywords.ts';

/** What becomes of the pictures themselves in formats that are folders. */
export const pictureModes = ['copy', 'hard-link', 'symlink', 'none'] as const;
export type PictureMode = (typeof pictureModes)[number];

/** How files name pictures. */
export const pathModes = ['relative', 'absolute'] as const;
export type PathMode = (typeof pathModes)[number];

export const splitNames = ['train', 'val', 'test'] as const;
export type SplitName = (typeof splitNames)[number];

/** Shares of each category, in [0, 1], together 1; the same seed gives the same split. */
export interface Split extends Record<SplitName, number> {
  seed: number;
}

/**
 * Pictures by what a person did with them: 'decided' were accepted or corrected, 'undecided' are all others, 'unsure' and
 * 'skipped' those that were put off so.
 */
export const reviewChoices = ['all', 'decided', 'undecided', 'unsure', 'skipped'] as const;
export type ReviewChoice = (typeof reviewChoices)[number];

export interface ExportOptions {
  /** Predictions, decisions, or decisions where there are some and predictions elsewhere. */
  include: 'predictions' | 'decisions' | 'both';
  /** Predictions per picture, best first; decided pictures keep only what was decided, except in 'predictions'. */
  topK: number;
  /** Leave out predictions below this score, in [0, 1]. Decisions have no score and always stay. */
  minScore: number;
  /** Only pictures a person has accepted or corrected; what `review` says counts before it. */
  onlyReviewed: boolean;
  /** Absent, as in presets of earlier versions: what `onlyReviewed` says. */
  review?: ReviewChoice | undefined;
  /** How general labels are; scores of predictions that become one label are added up. */
  level: CategoryLevel;
  /** Folders only; absent: 'copy'. */
  pictures?: PictureMode | undefined;
  /** Of files: below the chosen folder, or from the root of the disk; absent: 'relative'. */
  paths?: PathMode | undefined;
  /** Folders only; null or absent: everything stays together. */
  split?: Split | null | undefined;
  /** CSV only. */
  dialect: CsvDialect;
  /** Keywords only; absent: sidecars. */
  keywords?: KeywordOptions | undefined;
}

export const defaultExportOptions: ExportOptions = {
  include: 'both',
  topK: 1,
  minScore: 0,
  onlyReviewed: false,
  level: 'own',
  dialect: 'data',
};

/** Which pictures by their review an export has in it. */
export function reviewChoiceOf({ review, onlyReviewed }: Pick<ExportOptions, 'review' | 'onlyReviewed'>): ReviewChoice {
  return review ?? (onlyReviewed ? 'decided' : 'all');
}

/** Whether a picture in this state is one of the chosen. */
export function isChosenReview(choice: ReviewChoice, review: string): boolean {
  const isDecided = review === 'accepted' || review === 'corrected';
  if (choice === 'all') return true;
  if (choice === 'decided' || choice === 'undecided') return isDecided === (choice === 'decided');
  return review === choice;
}

/** Pictures that a format cannot carry. */
export interface LeftOut {
  count: number;
  /** The first of them, with a plain sentence each. */
  first: { fileName: string; reason: string }[];
}

export interface ExportFormat {
  id: string;
  title: string;
  /** Without the dot; empty for a folder and for photos. */
  extension: string;
  /** 'photos': there is nothing to choose, it is written beside or inside the photos of the dataset. */
  target: 'file' | 'folder' | 'photos';
  /** Whether pictures may be named from the root of the disk. */
  absolutePaths: boolean;
}

/** One line of an export: one picture with one label, or without any. */
export interface ExportRow {
  imageId: number;
  /** Relative to `source`, forward slashes. */
  fileName: string;
  /** The chosen folder. */
  source: string;
  /** As displayed (after EXIF orientation), pixels; null when never decoded. */
  width: number | null;
  height: number | null;
  status: string;
  /** Error code, else empty. */
  error: string;
  review: string;
  categoryId: number | null;
  label: string;
  /** In [0, 1]; null for a decision. */
  score: number | null;
  /** 1-based; null when there is no label. */
  rank: number | null;
  origin: 'prediction' | 'decision' | null;
}
