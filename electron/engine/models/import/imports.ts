/** @file Model files on their way to becoming model folders: recognised, chosen about, converted, checked, written. */
import type { ImportChoices, ImportProgress, ImportProposal } from '#core/model-import.ts';

export interface Imports extends AsyncDisposable {
  /**
   * Look at a file or a folder; nothing is written.
   *
   * @param path  absolute
   * @throws {AppError} 'model.unsupported', 'model.corrupt', 'model.invalid', 'file.missing', 'file.denied'
   */
  inspect(path: string, options?: { signal?: AbortSignal }): Promise<ImportProposal>;
  /** Take labels from a list of the person's. @throws {AppError} 'model.unsupported', 'not-found' */
  setLabels(importId: number, path: string): Promise<ImportProposal>;
  /**
   * Convert, prove in a process of its own, and move the finished folder into the person's models.
   *
   * @param origin  what the manifest says of source and accuracy, for files from the catalogue
   * @throws {AppError} 'model.unsupported', 'model.invalid', 'disk.full', 'aborted', 'not-found'
   */
  run(importId: number, choices: ImportChoices, origin?: ImportOrigin): Promise<{ modelId: string }>;
  /** Stop, or forget the proposal. */
  cancel(importId: number): void;
}

export interface ImportOrigin {
  source: string;
  description: string;
  metrics: { name: string; value: number; source: string }[];
}

export interface ImportsOptions {
  /** The person's own models folder, absolute; made when needed. */
  ownModels: string;
  /** Ids that are taken. */
  takenIds(): Promise<string[]>;
  onProgress: (progress: ImportProgress) => void;
}
