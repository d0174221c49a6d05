/** @file How well pictures of known categories are learned. */
import type { Interval } from './learn.ts';

export interface LearnEvaluation {
  /** Whose embeddings were learned from. */
  modelId: string;
  /** Of the embeddings. */
  width: number;
  imageCount: number;
  categoryCount: number;
  /** How often each number was measured, every time with other examples. */
  seeds: number;
  steps: {
    /** Of each category. */
    exampleCount: number;
    /** Accuracy on the pictures that were not learned from, means over the seeds. */
    head: Interval;
    /** Of the nearest mean, for comparison. */
    centroid: Interval;
  }[];
}
