/** @file What is learned from decisions, and what to look at next: the engine's side of the thread that computes it. */
import type { Handlers } from '#contract/calls.ts';
import type { learnCalls, learnHostCalls } from '#contract/learn-calls.ts';
import { AppError } from '#core/errors.ts';
import type { ImageSort } from '#core/image-filter.ts';
import type { LearnState } from '#core/learn.ts';
import type { Store } from '../store/store.ts';

type LearnCallName = keyof typeof learnCalls | keyof typeof learnHostCalls;

export interface Learner extends AsyncDisposable {
  handlers: Handlers<LearnCallName>;
  /** Decisions, categories or the way to learn changed: refit when the person pauses. */
  changed(datasetId: number): void;
  /** Results of a model came in or were dropped. */
  labeled(datasetId: number): void;
  /** Pictures of a view in the order of a queue; those without an embedding come last. */
  order(datasetId: number, imageIds: Int32Array, sort: ImageSort): Promise<Int32Array>;
}

export interface LearnerParts {
  store: Store;
  libraryPath: string;
  cachePath: string;
  emit: (state: LearnState) => void;
  /** Predictions changed. */
  predicted: (datasetId: number) => void;
}

export function openLearner(_parts: LearnerParts): Learner {
  const missing = (): never => {
    throw new AppError('internal', 'Learning is not built yet');
  };
  return {
    handlers: {
      'learn.state': missing,
      'learn.now': missing,
      'learn.versions': missing,
      'learn.report': missing,
      'learn.revert': missing,
      'learn.export': missing,
      'groups.list': missing,
      'image.duplicates': missing,
      'image.nearest': missing,
      'image.activation': missing,
      'sample.estimate': missing,
      'insights.get': missing,
    },
    changed: () => {},
    labeled: () => {},
    order: async () => missing(),
    [Symbol.asyncDispose]: async () => {},
  };
}
