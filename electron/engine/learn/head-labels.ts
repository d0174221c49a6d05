/** @file What the categories of a head are called, with all that is above them, as they are now. */
import { AppError } from '#core/errors.ts';
import type { ModelLabel } from '../models/manifest.ts';
import type { Database } from '../store/database.ts';

/**
 * @param categoryIds  as the head has them; merged ones are followed to what they became
 * @returns            in the same order
 * @throws {AppError} 'busy' if two of them have become one since: the head has to learn that first
 */
export function headLabels(_db: Database, _datasetId: number, _categoryIds: readonly number[]): ModelLabel[] {
  throw new AppError('internal', 'Heads cannot be exported yet');
}
