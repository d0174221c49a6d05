/** @file A head in a file: joined with its network as an ONNX model, or its numbers as JSON. */
import type { headForms } from '#contract/learn-calls.ts';
import { AppError } from '#core/errors.ts';
import type { InstalledModel, ModelLabel } from '../models/manifest.ts';
import type { HeadModel } from './head-model.ts';

export type HeadForm = (typeof headForms)[number];

export interface HeadExport {
  head: HeadModel;
  /** In the order of the head's categories; see `headLabels`. */
  labels: readonly ModelLabel[];
  /** Whose embeddings the head reads, in its float form. */
  model: InstalledModel;
  /** Of the dataset: what the model will be called. */
  title: string;
  createdMs: number;
}

/**
 * Written whole or not at all; an old file is replaced.
 *
 * @param path  absolute
 * @throws {AppError} 'model.unsupported' if the network has no features of the head's width, 'export.failed',
 *   'disk.full', 'model.invalid' from 2 GiB on
 */
export async function exportHead(_parts: HeadExport, _form: HeadForm, _path: string): Promise<{ sizeBytes: number }> {
  throw new AppError('internal', 'Heads cannot be exported yet');
}
