/** @file Which file of a model a run uses: the float one it was made from, or integers where they agree and pay off. */
import type { FastVariant } from '#core/model.ts';
import type { InstalledModel, Manifest } from '../manifest.ts';

export interface Variants {
  /**
   * The model as a run takes it. 'a' is the integer form (with the id 'a@int8', its own file and SHA-256) if that is in
   * use, else the float form; 'a@int8' and 'a@original' insist on one.
   *
   * @throws {AppError} as `Registry.get`
   */
  forRun(modelId: string): Promise<InstalledModel>;
  /** For lists; reads small files only. */
  of(folder: string, manifest: Manifest): Promise<FastVariant | null>;
  /** @throws {AppError} 'not-found', 'model.invalid' if it did not agree enough */
  use(modelId: string, use: boolean): Promise<void>;
  /** @throws {AppError} 'not-found' if none was made here */
  discard(modelId: string): Promise<void>;
}
