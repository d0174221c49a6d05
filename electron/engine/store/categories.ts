/** @file The `categories` table. */
import type { Category, CategoryWords } from '#core/category.ts';
import { AppError } from '#core/errors.ts';
import { categoryWords } from '../taxonomy/category-words.ts';
import { categoryNesting, type NestedLabel } from './category-nesting.ts';
import type { Database } from './database.ts';

/** A category as steps change it; merged and removed ones too. */
export interface CategoryRow {
  id: number;
  name: string;
  /** What a model calls it; null for a person's own. */
  label: string | null;
  parentId: number | null;
  colour: string | null;
  hotkey: string | null;
  threshold: number | null;
  grouping: 0 | 1;
  /** Always one that is itself not merged. */
  mergedInto: number | null;
  removed: 0 | 1;
}

/** From counters alone; exported for the test on query plans. */
export const categoryListSql = /* sql */ `
  WITH counted AS (
    SELECT image_counts.category_id, n, IIF(review IN ('accepted', 'corrected'), n, 0) AS decided
    FROM sources CROSS JOIN image_counts ON sources.id = image_counts.source_id
    WHERE sources.dataset_id = :datasetId AND removed = 0 AND status <> 'missing'
    UNION ALL
    SELECT beside_counts.category_id, n, n
    FROM sources CROSS JOIN beside_counts ON sources.id = beside_counts.source_id
    WHERE sources.dataset_id = :datasetId AND removed = 0
  ), summed AS (
    SELECT COALESCE(merged_into, counted.category_id) AS category_id, SUM(n) AS n, SUM(decided) AS decided
    FROM counted LEFT JOIN categories ON categories.id = counted.category_id GROUP BY 1
  )
  SELECT id, name, supercategory, parent_id AS parentId, grouping, wordnet_id AS wordnetId, colour, hotkey, threshold,
    COALESCE(summed.n, 0) AS imageCount, COALESCE(summed.decided, 0) AS decidedCount
  FROM categories LEFT JOIN summed ON summed.category_id = categories.id
  WHERE dataset_id = :datasetId AND merged_into IS NULL AND removed = 0
  ORDER BY imageCount DESC, name
`;

export function categoriesTable(db: Database) {
  const list = db.prepare<{ datasetId: number }, Omit<Category, 'grouping'> & { grouping: 0 | 1 }>(categoryListSql);
  const columns = /* sql */ `
    id, name, label, parent_id AS parentId, colour, hotkey, threshold, grouping, merged_into AS mergedInto, removed
  `;
  const rows = db.prepare<[number], CategoryRow>(
    /* sql */ `SELECT ${columns} FROM categories WHERE dataset_id = ? ORDER BY id`,
  );
  const named = db.prepare<[number], Pick<Category, 'id' | 'name' | 'wordnetId'> & { label: string | null }>(/* sql */ `
    SELECT id, name, label, wordnet_id AS wordnetId FROM categories
    WHERE dataset_id = ? AND merged_into IS NULL AND removed = 0
  `);
  const get = db.prepare<[number, number], CategoryRow>(
    /* sql */ `SELECT ${columns} FROM categories WHERE dataset_id = ? AND id = ?`,
  );
  const find = db.prepare<[number, string], CategoryRow>(
    /* sql */ `SELECT ${columns} FROM categories WHERE dataset_id = ? AND name = ?`,
  );
  const findLabel = db
    .prepare<[number, string], number>(
      /* sql */ `SELECT id FROM categories WHERE dataset_id = ? AND label = ? ORDER BY id`,
    )
    .pluck();
  const setLabel = db.prepare<[string, number]>(/* sql */ `UPDATE categories SET label = ?, grouping = 0 WHERE id = ?`);
  const nesting = categoryNesting(db);
  const insert = db.prepare<[number, string, string, string | null]>(/* sql */ `
    INSERT INTO categories (dataset_id, name, supercategory, wordnet_id) VALUES (?, ?, ?, ?)
  `);
  const insertRemoved = db.prepare<[number, string]>(
    /* sql */ `INSERT INTO categories (dataset_id, name, removed) VALUES (?, ?, 1)`,
  );

  /** By exact name, made if there is none yet; what a merged one was merged into. */
  function ensure(datasetId: number, name: string, supercategory = '', wordnetId: string | null = null): number {
    const existing = find.get(datasetId, name);
    if (existing) return existing.mergedInto ?? existing.id;
    return Number(insert.run(datasetId, name, supercategory, wordnetId).lastInsertRowid);
  }

  return {
    ensure,
    list: (datasetId: number): Category[] =>
      list.all({ datasetId }).map((category) => ({ ...category, grouping: Boolean(category.grouping) })),
    rows: (datasetId: number) => rows.all(datasetId),
    /** Of categories that are found by more than their name. */
    words: (datasetId: number): CategoryWords[] =>
      named
        .all(datasetId)
        .map(({ id, ...category }) => ({ categoryId: id, words: categoryWords(category) }))
        .filter(({ words }) => words.length > 0),
    find: (datasetId: number, name: string) => find.get(datasetId, name),

    /**
     * The category, or what it was merged into.
     *
     * @throws {AppError} 'not-found' when it belongs to another dataset or to none
     */
    get(datasetId: number, categoryId: number): CategoryRow {
      const stored = get.get(datasetId, categoryId);
      const category = stored?.mergedInto == null ? stored : get.get(datasetId, stored.mergedInto);
      if (!category) throw new AppError('not-found', `There is no category ${categoryId} in dataset ${datasetId}`);
      return category;
    },
    /** As it is stored, merged or removed. */
    row: (datasetId: number, categoryId: number) => get.get(datasetId, categoryId),

    /** One that is not there until a step says so. @returns its id */
    insertRemoved: (datasetId: number, name: string): number =>
      Number(insertRemoved.run(datasetId, name).lastInsertRowid),

    /**
     * Category ids in the order of a model's labels. A category that a person renamed is found by what the model calls
     * it; merged ones stay apart here, so that undoing the merge separates them again, and stand for what they were
     * merged into wherever predictions are read. Labels come below their parents, which are made where there are none.
     */
    ensureAll: db.transaction((datasetId: number, labels: readonly NestedLabel[]) => {
      const ids = labels.map(({ name, supercategory, wordnetId }) => {
        const id =
          findLabel.get(datasetId, name) ??
          find.get(datasetId, name)?.id ??
          Number(insert.run(datasetId, name, supercategory, wordnetId).lastInsertRowid);
        const row = get.get(datasetId, id)!;
        if (row.label !== name || row.grouping) setLabel.run(name, id);
        return id;
      });
      nesting.nest(datasetId, labels, ids);
      return ids;
    }),
  };
}
