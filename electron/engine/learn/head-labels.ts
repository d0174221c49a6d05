/** @file What the categories of a head are called, with all that is above them, as they are now. */
import { AppError } from '#core/errors.ts';
import type { ModelLabel } from '../models/manifest.ts';
import type { Database } from '../store/database.ts';

interface Row {
  name: string;
  supercategory: string;
  wordnetId: string | null;
  parentId: number | null;
  mergedInto: number | null;
}

/** As deep as a label of a model may lie; a circle would end here too. */
const maxDepth = 32;

/**
 * @param categoryIds  as the head has them; merged ones are followed to what they became
 * @returns            in the same order
 * @throws {AppError} 'busy' if two of them have become one since: the head has to learn that first
 */
export function headLabels(db: Database, datasetId: number, categoryIds: readonly number[]): ModelLabel[] {
  const find = db.prepare<[number, number], Row>(/* sql */ `
    SELECT name, supercategory, wordnet_id AS wordnetId, parent_id AS parentId, merged_into AS mergedInto
    FROM categories WHERE id = ? AND dataset_id = ?
  `);
  /** The category, or what it was merged into. */
  const get = (id: number): Row => {
    let row = find.get(id, datasetId);
    for (let step = 0; row?.mergedInto != null && step < maxDepth; step++) row = find.get(row.mergedInto, datasetId);
    if (!row) throw new AppError('not-found', `There is no category ${id} in dataset ${datasetId}`);
    return row;
  };
  const labels = categoryIds.map((id): ModelLabel => {
    const { name, supercategory, wordnetId, parentId } = get(id);
    const path: string[] = [];
    for (let above = parentId; above !== null && path.length < maxDepth;) {
      const parent = get(above);
      path.unshift(parent.name);
      above = parent.parentId;
    }
    return { name, supercategory: supercategory || (path.at(-1) ?? ''), wordnetId, path };
  });
  if (new Set(labels.map(({ name }) => name)).size < labels.length) {
    throw new AppError(
      'busy',
      'Categories were merged since the head was learned; export it when it has learned again',
    );
  }
  return labels;
}
