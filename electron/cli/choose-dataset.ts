/** @file Which dataset a person means. */
import type { DatasetSummary } from '#core/dataset.ts';
import { AppError } from '#core/errors.ts';

/**
 * @param wanted  name or id; undefined when there should be only one
 * @throws {AppError} 'not-found' with the names there are
 */
export function chooseDataset(datasets: readonly DatasetSummary[], wanted: string | undefined): DatasetSummary {
  const named = datasets.map(({ id, name }) => `${name} (${id})`).join(', ');
  if (datasets.length === 0) throw new AppError('not-found', 'The library has no datasets yet; label a folder first');
  const byName = datasets.filter(({ name }) => wanted === undefined || name === wanted);
  const found = byName.length > 0 ? byName : datasets.filter(({ id }) => String(id) === wanted);
  if (found.length === 1) return found[0]!;
  const problem =
    found.length === 0 ? `There is no dataset ${wanted}` : 'There are several datasets; choose one with --dataset';
  throw new AppError('not-found', `${problem}: ${named}`);
}
