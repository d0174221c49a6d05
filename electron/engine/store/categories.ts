/** @file The `categories` table. */
import type { Category } from '#core/category.ts';
import { AppError } from '#core/errors.ts';
import type { Database } from './database.ts';

export function categoriesTable(db: Database) {
  const list = db.prepare<[number, number], Category>(/* sql */ `
    SELECT categories.id, name, supercategory, COALESCE(counted.n, 0) AS imageCount
    FROM categories
    LEFT JOIN (
      SELECT image_counts.category_id, SUM(n) AS n
      FROM sources CROSS JOIN image_counts ON sources.id = image_counts.source_id
      WHERE sources.dataset_id = ? AND removed = 0 AND status <> 'missing'
      GROUP BY image_counts.category_id
    ) AS counted ON counted.category_id = categories.id
    WHERE categories.dataset_id = ?
    ORDER BY imageCount DESC, name
  `);
  const find = db.prepare<[number, string], { id: number }>(
    /* sql */ `SELECT id FROM categories WHERE dataset_id = ? AND name = ?`,
  );
  const get = db.prepare<[number, number], { id: number; name: string }>(
    /* sql */ `SELECT id, name FROM categories WHERE dataset_id = ? AND id = ?`,
  );
  const insert = db.prepare<[number, string, string, string | null]>(/* sql */ `
    INSERT INTO categories (dataset_id, name, supercategory, wordnet_id) VALUES (?, ?, ?, ?)
  `);

  /** By exact name, made if there is none yet. */
  function ensure(datasetId: number, name: string, supercategory = '', wordnetId: string | null = null): number {
    const existing = find.get(datasetId, name);
    return existing?.id ?? Number(insert.run(datasetId, name, supercategory, wordnetId).lastInsertRowid);
  }

  return {
    ensure,
    list: (datasetId: number) => list.all(datasetId, datasetId),

    /** @throws {AppError} 'not-found' when it belongs to another dataset or to none */
    get(datasetId: number, categoryId: number) {
      const category = get.get(datasetId, categoryId);
      if (!category) throw new AppError('not-found', `There is no category ${categoryId} in dataset ${datasetId}`);
      return category;
    },

    /** Category ids in the order of a model's labels. */
    ensureAll: db.transaction(
      (datasetId: number, labels: readonly { name: string; supercategory: string; wordnetId: string | null }[]) =>
        labels.map((label) => ensure(datasetId, label.name, label.supercategory, label.wordnetId)),
    ),
  };
}
