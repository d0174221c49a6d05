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
    /** Of a head that saw the examples alone, and none of the undecided pictures. */
    alone: Interval;
    /** Of the nearest mean, for comparison. */
    centroid: Interval;
  }[];
  queues: QueueEvaluation;
}

/** What queues save; lists have a value for each seed. */
export interface QueueEvaluation {
  /** Pictures that could be labeled. */
  poolSize: number;
  /**
   * Labels until the head was right 95 % as often as one that learned from the whole pool: in random order, a head that
   * learns from labeled pictures alone.
   */
  aloneLabels: number[];
  /** In random order, the app's head, which learns from the rest of the pool, too. */
  randomLabels: number[];
  /** That head in the order of the queue of unsure and different pictures. */
  diverseLabels: number[];
  /** Of 5 % wrong decisions, the share that was in the first tenth of the queue of probable slips. */
  slipsFound: number[];
}
