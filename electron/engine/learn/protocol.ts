/** @file The messages between the engine and the thread that learns: questions, answers, and how far long ones are. */
import type { SerializedError } from '#core/errors.ts';
import type { ImageSort } from '#core/image-filter.ts';
import type { Insights } from '#core/insights.ts';
import type { ActivationMap, GroupKind, HeadReport, Interval, LearnMode, SampleEstimate } from '#core/learn.ts';
import type { PredictionChanges } from '../store/head-predictions.ts';
import type { InstalledModel } from '../models/manifest.ts';
import type { HeadModel } from './head-model.ts';

export interface LearnCounts {
  /** Decided pictures with an embedding, and categories that have at least two of them. */
  exampleCount: number;
  categoryCount: number;
  /** Pictures with an embedding. */
  embeddedCount: number;
}

export interface FittedHead {
  modelName: string;
  model: HeadModel;
  exampleCount: number;
  /** See `HeadSettings`. */
  similarityLimit: number | null;
  accuracy: Interval | null;
  /** Of the decided pictures: the same ones have the same. */
  examples: string;
}

/** What a fit came to: too few decided pictures, nothing that is not known yet, or a head. */
export type FitResult = LearnCounts & { head: FittedHead | 'too-few' | 'same' };

export interface PredictedPiece {
  changes: PredictionChanges;
  /** Where to go on; null at the end. */
  next: number | null;
  /** Pictures there are. */
  total: number;
}

export interface FoundGroup {
  categoryId: number | null;
  imageIds: number[];
  doubtfulIds: number[];
}

/** Every question there is: [what is asked, what is answered]. */
export interface LearnQuestions {
  counts: [{ datasetId: number }, LearnCounts];
  /** `known`: the `examples` that the head in use was fitted to; `startRunId`: where to begin. */
  fit: [
    { datasetId: number; multiLabel: boolean; mode: LearnMode; known: string | null; startRunId: number | null },
    FitResult,
  ];
  /** The model whose embeddings are compared; null before a run. */
  space: [{ datasetId: number }, { modelName: string | null }];
  /** `exact`: also where scores moved too little to be news. */
  predict: [
    { datasetId: number; runId: number; mode: LearnMode; from: number; limit: number; exact: boolean },
    PredictedPiece,
  ];
  report: [{ datasetId: number; multiLabel: boolean; mode: LearnMode }, Omit<HeadReport, 'runId'>];
  order: [{ datasetId: number; imageIds: Int32Array; sort: ImageSort }, Int32Array];
  nearest: [{ datasetId: number; imageId: number; limit: number }, { imageId: number; similarity: number }[]];
  groups: [
    { datasetId: number; kind: GroupKind; offset: number; limit: number },
    { total: number; groups: FoundGroup[] },
  ];
  duplicates: [{ datasetId: number; imageId: number }, number[]];
  estimate: [{ datasetId: number }, SampleEstimate];
  insights: [{ datasetId: number; utcOffsetMinutes: number }, Insights];
  activation: [
    { model: InstalledModel; path: string; evidence: Float32Array | { label: number } },
    Omit<ActivationMap, 'categoryId' | 'category'>,
  ];
}

export type QuestionName = keyof LearnQuestions;
export type Asked<Name extends QuestionName> = LearnQuestions[Name][0];
export type Answered<Name extends QuestionName> = LearnQuestions[Name][1];

export type ToLearn = { type: 'ask'; id: number; name: QuestionName; input: unknown } | { type: 'stop' };

export type FromLearn =
  | { type: 'answer'; id: number; value: unknown }
  | { type: 'failed'; id: number; error: SerializedError }
  /** How far reading is, in [0, 1]. */
  | { type: 'reading'; datasetId: number; done: number };
