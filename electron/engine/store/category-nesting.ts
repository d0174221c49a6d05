/** @file Puts a model's labels below their parents, wherever the person has not said otherwise. */
import { categoryParents } from '../taxonomy/friendly-parents.ts';
import type { CategoryRow } from './categories.ts';
import type { Database } from './database.ts';

export interface NestedLabel {
  name: string;
  supercategory: string;
  wordnetId: string | null;
  /** Parents from the root down, without the label itself; absent: none are known. */
  path?: readonly string[];
}

type Nested = Pick<CategoryRow, 'id' | 'parentId' | 'mergedInto' | 'removed'>;

/** Categories whose place in the tree a person chose, also where that was undone. Exported for the test on query plans. */
export const placedSql = /* sql */ `
  SELECT DISTINCT json_extract(value, '$.id') FROM decisions, json_each(categories_after)
  WHERE dataset_id = ? AND categories_after IS NOT NULL AND json_type(value, '$.parentId') IS NOT NULL
`;

export function categoryNesting(db: Database) {
  const columns = 'id, parent_id AS parentId, merged_into AS mergedInto, removed';
  const get = db.prepare<[number], Nested>(/* sql */ `SELECT ${columns} FROM categories WHERE id = ?`);
  const findLabel = db.prepare<[number, string], Nested>(
    /* sql */ `SELECT ${columns} FROM categories WHERE dataset_id = ? AND label = ? ORDER BY id`,
  );
  const find = db.prepare<[number, string], Nested>(
    /* sql */ `SELECT ${columns} FROM categories WHERE dataset_id = ? AND name = ?`,
  );
  // A person may rename it; by its label the next run finds it again.
  const insert = db.prepare<[number, string, string]>(
    /* sql */ `INSERT INTO categories (dataset_id, name, label, grouping) VALUES (?, ?, ?, 1)`,
  );
  const setParent = db.prepare<[number, number]>(/* sql */ `UPDATE categories SET parent_id = ? WHERE id = ?`);
  const placed = db.prepare<[number], number>(placedSql).pluck();

  /** One call of `nest` is for one run, so that the log is read once, and only if it matters. */
  return {
    nest(datasetId: number, labels: readonly NestedLabel[], categoryIds: readonly number[]): void {
      let placedIds: ReadonlySet<number> | undefined;
      const isPlaced = (id: number) => (placedIds ??= new Set(placed.all(datasetId))).has(id);
      const parentIds = new Map<string, number | null>();

      /** @returns null for a name that only a category has which nobody sees */
      function parentOf(name: string): number | null {
        const known = findLabel.get(datasetId, name) ?? find.get(datasetId, name);
        const row = known?.mergedInto == null ? known : get.get(known.mergedInto);
        if (!row) return Number(insert.run(datasetId, name, name).lastInsertRowid);
        return row.removed ? null : row.id;
      }

      function place(id: number, parentId: number): void {
        const row = get.get(id)!;
        if (row.parentId !== null || row.mergedInto !== null || isPlaced(id) || isBelow(parentId, id)) return;
        setParent.run(parentId, id);
      }

      /** Also for the category itself. */
      function isBelow(id: number, aboveId: number): boolean {
        const seen = new Set<number>();
        for (let at: number | null = id; at !== null && !seen.has(at); at = get.get(at)?.parentId ?? null) {
          if (at === aboveId) return true;
          seen.add(at);
        }
        return false;
      }

      for (const [index, label] of labels.entries()) {
        const { path = [] } = label;
        const id = categoryIds[index]!;
        if (path.length === 0 || get.get(id)!.parentId !== null) continue;
        let aboveId: number | null = null;
        for (const name of categoryParents({ ...label, path })) {
          let parentId = parentIds.get(name);
          if (parentId === undefined) {
            parentId = parentOf(name);
            parentIds.set(name, parentId);
          }
          if (parentId === null) continue;
          if (aboveId !== null) place(parentId, aboveId);
          aboveId = parentId;
        }
        if (aboveId !== null) place(id, aboveId);
      }
    },
  };
}
