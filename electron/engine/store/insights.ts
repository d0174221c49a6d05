/** @file What the decisions and predictions of a dataset say, for plots. */
import { AppError } from '#core/errors.ts';
import type { Insights } from '#core/insights.ts';
import type { Database } from './database.ts';

/**
 * In pieces of some milliseconds, with a turn for everything else between them.
 *
 * @param db                a connection of its own, in a transaction, so that all figures are of one moment
 * @param utcOffsetMinutes  of the person's calendar: local time minus UTC
 */
export async function insights(_db: Database, _datasetId: number, _utcOffsetMinutes: number): Promise<Insights> {
  throw new AppError('internal', 'Insights are not built yet');
}
