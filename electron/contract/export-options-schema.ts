/** @file What goes into an export, as calls carry it. */
import * as z from 'zod';
import { categoryLevels } from '#core/category.ts';
import { pathModes, pictureModes, reviewChoices } from '#core/export-options.ts';
import { keywordPlaces } from '#core/keywords.ts';
import { score } from './review-calls.ts';

const splitSchema = z
  .strictObject({ train: score, val: score, test: score, seed: z.int().min(0).max(0xffff_ffff) })
  .refine(({ train, val, test }) => Math.abs(train + val + test - 1) < 1e-6, 'must add up to 1');

export const exportOptionsSchema = z.strictObject({
  include: z.enum(['predictions', 'decisions', 'both']),
  topK: z.int().min(1).max(100),
  minScore: score,
  onlyReviewed: z.boolean(),
  review: z.enum(reviewChoices).optional(),
  level: z.enum(categoryLevels),
  pictures: z.enum(pictureModes).optional(),
  paths: z.enum(pathModes).optional(),
  split: splitSchema.nullable().optional(),
  dialect: z.enum(['data', 'spreadsheet']),
  keywords: z.strictObject({ where: z.enum(keywordPlaces), keepTime: z.boolean().optional() }).optional(),
});
