/** @file An export under a name: a preset, or a file that is kept in step with a dataset. */
import type { ErrorCode } from './errors.ts';
import type { ExportOptions } from './export-options.ts';

/** Why a file could not be written. */
export interface WriteProblem {
  code: ErrorCode;
  /** What the system calls it, such as 'ENOENT'; null: nothing. */
  errno: string | null;
  /** One plain English sentence. */
  message: string;
}

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
  /** When it was last whole on the disk, milliseconds since 1970; null: not yet. */
  writtenMs: number | null;
  /** Why the last writing failed; null: it did not. */
  problem: WriteProblem | null;
}
