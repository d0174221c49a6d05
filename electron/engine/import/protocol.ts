/** @file The messages between the engine and the thread that reads labels. */
import type { SerializedError } from '#core/errors.ts';
import type { ImportOptions, ImportPlan } from '#core/label-import.ts';
import type { ImportedLabels } from '../store/review.ts';

export interface ImportThreadData {
  libraryPath: string;
  datasetId: number;
  /** File or folder with labels, absolute. */
  path: string;
}

export type ToImport = { type: 'plan'; options: ImportOptions } | { type: 'labels' };

export type FromImport =
  | { type: 'progress'; bytesRead: number; totalBytes: number; entryCount: number }
  | { type: 'plan'; plan: Omit<ImportPlan, 'importId'> }
  | { type: 'labels'; labels: ImportedLabels }
  | { type: 'failed'; error: SerializedError };
