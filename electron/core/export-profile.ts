/** @file An export under a name: a preset, or a file that is kept in step with a dataset. */
import type { ExportOptions } from './export-options.ts';

export interface ExportProfile {
  id: number;
  /** Null: for every dataset. */
  datasetId: number | null;
  name: string;
  format: string;
  options: ExportOptions;
  /** Name without its folders of the file that is kept in step; null for a preset. */
  fileName: string | null;
  /** Whether it is rewritten now. */
  kept: boolean;
  /** Milliseconds since 1970; null: not yet. */
  writtenMs: number | null;
  /** Why the last writing failed: one plain sentence; null: it did not. */
  problem: string | null;
}
