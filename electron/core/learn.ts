/** @file The head: a small classifier learned from what a person decided, on top of a model's embeddings. */
import type { ErrorCode } from './errors.ts';

/**
 * - 'off': predictions are the model's;
 * - 'extend': pictures like those decided get the head's categories, others keep the model's;
 * - 'closed': every picture gets one of the person's own categories.
 */
export const learnModes = ['off', 'extend', 'closed'] as const;
export type LearnMode = (typeof learnModes)[number];

/** An estimate and the interval that holds the truth with 95 %; shares in [0, 1]. */
export interface Interval {
  value: number;
  low: number;
  high: number;
}

/** As what a head leaves the app: joined with its network, or alone. */
export const headForms = ['onnx', 'json'] as const;

/** One version of the head. It is a run like any other. */
export interface HeadSummary {
  runId: number;
  createdMs: number;
  /** Decided pictures it was fitted to. */
  exampleCount: number;
  categoryCount: number;
  /** Cross-validated; null with too few examples. */
  accuracy: Interval | null;
  /** Its predictions are the ones shown. */
  current: boolean;
}

export interface LearnState {
  datasetId: number;
  mode: LearnMode;
  /** Several categories for one picture. */
  multiLabel: boolean;
  /** Fitting, or predicting, at this moment; how far predictions are, in [0, 1]. */
  working: { stage: 'reading' | 'fitting' | 'predicting'; done: number } | null;
  /** The one in use; null: predictions are the model's. */
  head: HeadSummary | null;
  /** Decided pictures with an embedding, and categories that have at least two of them. */
  exampleCount: number;
  categoryCount: number;
  /** Pictures with an embedding. */
  embeddedCount: number;
  /** A person went back to an earlier version or to the model; corrections wait until learning is switched on again. */
  held: boolean;
  /** Why learning failed the last time; the next decision tries again. */
  problem: ErrorCode | null;
}

/** Everything honest that can be said about a head, by cross-validation over its examples. */
export interface HeadReport {
  runId: number;
  folds: number;
  exampleCount: number;
  accuracy: Interval;
  /** Mean over categories of the share that was found. */
  balancedAccuracy: Interval;
  temperature: number;
  /** Expected calibration error over ten bins of equal width (Guo et al. 2017), before and after calibration. */
  calibrationError: { before: number; after: number };
  categories: { categoryId: number; name: string; exampleCount: number; precision: Interval; recall: Interval }[];
  /** Accuracy on held-out examples by how many examples were learned from. */
  learningCurve: { exampleCount: number; accuracy: Interval }[];
  /** Rows: decided; columns: predicted; in the order of `categories`. */
  confusion: number[][];
}

/** Accuracy of the predictions a person saw, over a sample drawn at random. */
export interface SampleEstimate {
  /** Pictures of the sample decided so far, from its beginning without a gap. */
  reviewed: number;
  correct: number;
  /** Null until something was reviewed. */
  accuracy: Interval | null;
}

/** Where in a picture the evidence for a category lies. */
export interface ActivationMap {
  categoryId: number;
  category: string;
  /** Cells, over the part of the picture that the model saw. */
  width: number;
  height: number;
  /** Row by row, in [0, 1]: evidence for the category; 0 where there is none or evidence against it. */
  values: number[];
  /** The part the model saw, as shares of the displayed picture: left, top, width, height. */
  window: { left: number; top: number; width: number; height: number };
}

/** Pictures that belong together: of one predicted category, or nearly the same. */
export const groupKinds = ['clusters', 'duplicates'] as const;
export type GroupKind = (typeof groupKinds)[number];
