/** @file Calls about labels from other tools, and about exports that are kept in step. */
import * as z from 'zod';
import {
  conflictRules,
  tableDelimiters,
  tableEncodings,
  type ImportFormat,
  type ImportPlan,
} from '#core/label-import.ts';
import type { ExportProfile } from '#core/export-profile.ts';
import { call, id, name, none, path } from './call.ts';
import { exportOptionsSchema } from './export-options-schema.ts';
import { score, type DecisionResult } from './review-calls.ts';

const column = z.int().min(0).max(1_000_000);

const tableMappingSchema = z.strictObject({
  encoding: z.enum(tableEncodings),
  delimiter: z.enum(tableDelimiters),
  header: z.boolean(),
  file: column,
  label: column,
  score: column.nullable(),
  review: column.nullable(),
  folder: column.nullable(),
  separator: z.string().min(1).max(8).nullable(),
  oneHot: z.boolean(),
});

export const importOptionsSchema = z.strictObject({
  format: z.string().max(40).nullable(),
  predictions: z.boolean(),
  minScore: score,
  table: tableMappingSchema.nullable(),
});

const formatId = z.string().min(1).max(40);

export const labelCalls = {
  'labels.formats': call<ImportFormat[]>()(none),
  /** Read it again in another way. @throws 'input.invalid' with a sentence about what is wrong with the file */
  'labels.plan': call<ImportPlan>()(z.strictObject({ importId: id, options: importOptionsSchema })),
  /** One step of undo for everything; then the import is gone. */
  'labels.import': call<DecisionResult>()(z.strictObject({ importId: id, conflicts: z.enum(conflictRules) })),
  'labels.discard': call<void>()(z.strictObject({ importId: id })),

  /** Of the dataset and those for all datasets (null). */
  'profiles.list': call<ExportProfile[]>()(z.strictObject({ datasetId: id })),
  /** A preset under a name; one of that name is replaced. */
  'profiles.save': call<{ profileId: number }>()(
    z.strictObject({ datasetId: id.nullable(), name, format: formatId, options: exportOptionsSchema }),
  ),
  'profiles.remove': call<void>()(z.strictObject({ profileId: id })),
  /** Stop or go on rewriting the file of a profile that has one. */
  'profiles.keep': call<void>()(z.strictObject({ profileId: id, on: z.boolean() })),
};

export const labelHostCalls = {
  /** Read labels for a dataset; nothing is changed. @throws 'input.invalid' with a sentence */
  'labels.open': call<ImportPlan>()(z.strictObject({ datasetId: id, path, options: importOptionsSchema })),
  /** Keep a file in step with the dataset: rewritten some quiet seconds after each change. */
  'profiles.keep-file': call<{ profileId: number }>()(
    z.strictObject({ datasetId: id, name, format: formatId, options: exportOptionsSchema, path }),
  ),
};

export const labelAppCalls = {
  /** Ask for a file or folder with labels, then read it. Null when the person gave up. */
  'labels.choose': call<ImportPlan | null>()(z.strictObject({ datasetId: id, target: z.enum(['file', 'folder']) })),
  /** Ask where, then keep that file in step. Null when the person gave up. */
  'profiles.choose-file': call<{ profileId: number; fileName: string } | null>()(
    z.strictObject({ datasetId: id, name, format: formatId, options: exportOptionsSchema }),
  ),
};
