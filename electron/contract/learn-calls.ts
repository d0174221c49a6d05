/** @file Calls about learning from decisions, about pictures that belong together, and about insights. */
import * as z from 'zod';
import type { ImageRow } from '#core/image.ts';
import type { Insights } from '#core/insights.ts';
import type { LearnEvaluation } from '#core/learn-evaluation.ts';
import {
  groupKinds,
  headForms,
  type ActivationMap,
  type GroupKind,
  type HeadReport,
  type HeadSummary,
  type LearnState,
  type SampleEstimate,
} from '#core/learn.ts';
import { call, id, path } from './call.ts';

/** Pictures that belong together, to decide about at a stroke. */
export interface ImageGroup {
  kind: GroupKind;
  /** 'clusters': what all of them are predicted to be. 'duplicates': what one of them was decided to be, if any. */
  categoryId: number | null;
  category: string | null;
  /** Pictures that clearly belong; at most 5,000 a group, surest first. */
  imageIds: number[];
  /** Pulled out: of this category by prediction, but doubtful. */
  doubtfulIds: number[];
  /** The first pictures of `imageIds` and of `doubtfulIds`, to show. */
  rows: ImageRow[];
  doubtfulRows: ImageRow[];
}

export const learnCalls = {
  'learn.state': call<LearnState>()(z.strictObject({ datasetId: id })),
  /** Fit now and apply the result, instead of when decisions pause. Resolves when predictions are stored. */
  'learn.now': call<LearnState>()(z.strictObject({ datasetId: id })),
  /** Newest first. */
  'learn.versions': call<HeadSummary[]>()(z.strictObject({ datasetId: id })),
  /** Cross-validates; takes seconds. @throws 'not-found' for a head that is gone */
  'learn.report': call<HeadReport>()(z.strictObject({ runId: id })),
  /** Take an earlier head, or with null the model's own predictions, and hold there until `datasets.configure` sets a mode. */
  'learn.revert': call<LearnState>()(z.strictObject({ datasetId: id, runId: id.nullable() })),

  /** Clusters: of unreviewed pictures only, largest first. Duplicates: all groups of two or more. */
  'groups.list': call<{ total: number; groups: ImageGroup[] }>()(
    z.strictObject({
      datasetId: id,
      kind: z.enum(groupKinds),
      offset: z.int().min(0),
      limit: z.int().min(1).max(50),
      /** Rows to show of each group. */
      rows: z.int().min(1).max(100),
    }),
  ),
  /**
   * Nearly the same pictures as this one, itself left out, most alike first, at most 1,000; and those of them that are
   * still to be reviewed, for spreading a decision.
   */
  'image.duplicates': call<{ imageIds: number[]; unreviewedIds: number[] }>()(z.strictObject({ imageId: id })),
  /** The decided pictures most like this one. */
  'image.nearest': call<{ row: ImageRow; similarity: number }[]>()(
    z.strictObject({ imageId: id, limit: z.int().min(1).max(50) }),
  ),
  /** @throws 'model.unsupported' when the network has no map to draw from */
  'image.activation': call<ActivationMap>()(z.strictObject({ imageId: id, categoryId: id })),

  'sample.estimate': call<SampleEstimate>()(z.strictObject({ datasetId: id })),
  'insights.get': call<Insights>()(z.strictObject({ datasetId: id, utcOffsetMinutes: z.int().min(-840).max(840) })),
};

/** For main and the command line. */
export const learnHostCalls = {
  /** 'onnx': one file, the network joined with the head in use, its labels and preprocessing in the metadata. */
  'learn.export': call<{ path: string; sizeBytes: number }>()(
    z.strictObject({ datasetId: id, form: z.enum(headForms), path }),
  ),
};

/** For the command line: the folder that holds a picture is its category. Nothing is stored. */
export const learnEvaluationCalls = {
  'learn.evaluate': call<LearnEvaluation>()(z.strictObject({ datasetId: id, seeds: z.int().min(1).max(100) })),
};

/** For the renderer, served by main, which asks where to save. */
export const learnAppCalls = {
  'learn.save': call<{ fileName: string; sizeBytes: number } | null>()(
    z.strictObject({ datasetId: id, form: z.enum(headForms) }),
  ),
  /** Save a plot that the page has drawn. Null when the person gave up. */
  'plot.save': call<{ fileName: string } | null>()(
    z.strictObject({
      name: z.string().min(1).max(100),
      form: z.enum(['svg', 'png']),
      /** SVG text, or a PNG in base64. */
      content: z.string().min(1).max(20_000_000),
    }),
  ),
};
