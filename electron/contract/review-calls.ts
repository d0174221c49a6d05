/** @file Calls about what is looked at and decided: views, decisions, categories. Served by the engine for the renderer. */
import * as z from 'zod';
import { type Category, type CategoryWords } from '#core/category.ts';
import { imageStatuses, reviewStates, type ImageDetail, type ImageRow } from '#core/image.ts';
import { sortKeys } from '#core/image-filter.ts';
import { learnModes } from '#core/learn.ts';
import { call, id, name } from './call.ts';

export const score = z.number().min(0).max(1);
const text = z.string().max(512);

export const filterSchema = z.strictObject({
  review: z.array(z.enum(reviewStates)).max(reviewStates.length).optional(),
  status: z.array(z.enum(imageStatuses)).max(4).optional(),
  categoryId: id.optional(),
  underCategoryId: id.optional(),
  predictedCategoryId: id.optional(),
  flagged: z.boolean().optional(),
  sourceId: id.optional(),
  minScore: score.optional(),
  maxScore: score.optional(),
  text: text.optional(),
});

export const sortSchema = z.strictObject({
  key: z.enum(sortKeys),
  descending: z.boolean(),
  imageId: id.optional(),
});

/** The pictures a decision is about: some of them, or all of an open view. */
export const targetSchema = z.union([
  z.strictObject({ imageIds: z.array(id).min(1).max(100_000) }),
  z.strictObject({ viewId: id }),
]);

export const actionSchema = z.discriminatedUnion('kind', [
  /** Take the best prediction of each picture; with several categories a picture, all that reach their threshold. */
  z.strictObject({ kind: z.literal('accept') }),
  /** This category and no other. */
  z.strictObject({ kind: z.literal('label'), categoryId: id }),
  /** Label with a category by name, made if there is none yet. */
  z.strictObject({ kind: z.literal('label-name'), name }),
  /** Beside those a picture has; taken away instead when all of the pictures have it. */
  z.strictObject({ kind: z.literal('toggle'), categoryId: id }),
  z.strictObject({ kind: z.literal('toggle-name'), name }),
  /** Split: what was decided to be `categoryId` becomes `name`, made if there is none yet; others are left alone. */
  z.strictObject({ kind: z.literal('move'), categoryId: id, name }),
  z.strictObject({ kind: z.literal('unsure') }),
  z.strictObject({ kind: z.literal('skip') }),
  /** Back to unreviewed, without a decision. */
  z.strictObject({ kind: z.literal('clear') }),
  z.strictObject({ kind: z.literal('flag'), on: z.boolean() }),
  /** Empty takes the note away. */
  z.strictObject({ kind: z.literal('note'), note: z.string().trim().max(4096) }),
]);

const hex = z.string().regex(/^#[0-9a-f]{6}$/);
export const categoryPatchSchema = z.strictObject({
  name: name.optional(),
  parentId: id.nullable().optional(),
  colour: hex.nullable().optional(),
  hotkey: z
    .string()
    .regex(/^[A-Z]$/)
    .nullable()
    .optional(),
  threshold: score.nullable().optional(),
});

const ruleSchema = z.strictObject({ categoryId: id.nullable(), below: score, then: z.enum(['unsure', 'skip']) });

export type ReviewAction = z.infer<typeof actionSchema>;
export type ReviewTarget = z.infer<typeof targetSchema>;

/** Everything one step of undo takes back; the last three are about categories instead of pictures. */
export type StepKind =
  ReviewAction['kind'] | 'rules' | 'import' | 'category-made' | 'category-changed' | 'category-merged';

/** What a decision, an undo or a redo did. */
export interface DecisionResult {
  kind: StepKind | null;
  /** Pictures changed; 0 when there was nothing to do. */
  changed: number;
  /** The first few of them, so that the view can go there. */
  imageIds: number[];
  /** The category it is about, if it is about one. */
  category: string | null;
}

export const reviewCalls = {
  'categories.list': call<Category[]>()(z.strictObject({ datasetId: id })),
  /** Synonyms and names in other languages, for finding categories by typing; also of labels nobody has used yet. */
  'categories.words': call<CategoryWords[]>()(z.strictObject({ datasetId: id })),
  'categories.create': call<{ categoryId: number }>()(z.strictObject({ datasetId: id, name, parentId: id.nullable() })),
  /** One step of undo. A name that another category has: @throws 'input.invalid'; so has a circle of parents. */
  'categories.change': call<DecisionResult>()(
    z.strictObject({ datasetId: id, categoryId: id, patch: categoryPatchSchema }),
  ),
  /** Everything that is `fromIds` becomes `intoId`: decisions, predictions, now and later. One step of undo. */
  'categories.merge': call<DecisionResult>()(
    z.strictObject({ datasetId: id, fromIds: z.array(id).min(1).max(1000), intoId: id }),
  ),

  /** How a dataset is reviewed and learned from; absent keeps it. */
  'datasets.configure': call<void>()(
    z.strictObject({
      datasetId: id,
      multiLabel: z.boolean().optional(),
      learn: z.enum(learnModes).optional(),
      rules: z.array(ruleSchema).max(100).optional(),
    }),
  ),
  /** Pictures nobody has reviewed that the rules of the dataset speak of. */
  'rules.preview': call<{ changed: number }>()(z.strictObject({ datasetId: id })),
  /** Decide them as the rules say. One step of undo. */
  'rules.apply': call<DecisionResult>()(z.strictObject({ datasetId: id })),

  /** Fix the list of pictures for a filter and an order; it does not change until opened again. */
  'view.open': call<{ viewId: number; total: number }>()(
    z.strictObject({ datasetId: id, filter: filterSchema, sort: sortSchema }),
  ),
  'view.rows': call<ImageRow[]>()(z.strictObject({ viewId: id, from: z.int().min(0), count: z.int().min(1).max(500) })),
  /** Place of a picture in the view, 0-based, or -1. */
  'view.locate': call<{ index: number }>()(z.strictObject({ viewId: id, imageId: id })),
  /** The next picture from `from` on (wrapping round) that nobody has reviewed yet; index -1 when none is left. */
  'view.next-unreviewed': call<{ index: number; imageId: number }>()(
    z.strictObject({ viewId: id, from: z.int().min(0) }),
  ),
  'image.get': call<ImageDetail>()(z.strictObject({ imageId: id })),

  'review.decide': call<DecisionResult>()(
    z.strictObject({ datasetId: id, target: targetSchema, action: actionSchema }),
  ),
  'review.undo': call<DecisionResult>()(z.strictObject({ datasetId: id })),
  'review.redo': call<DecisionResult>()(z.strictObject({ datasetId: id })),
};
