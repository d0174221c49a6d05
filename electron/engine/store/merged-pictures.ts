/** @file The pictures of categories that are merged, or parted again: found by indexes, then brought up to date one by one. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database } from './database.ts';
import type { decisionsTable } from './decisions.ts';
import { idSet } from './id-set.ts';
import { withoutDoubles } from './next-state.ts';
import type { Step } from './unfinished-steps.ts';

/** Ids asked for at once. */
const pieceSize = 1000;

/** Pictures that name a category, after one id and in order; exported for the test on query plans. */
export const namingSql = [
  /* sql */ `
    SELECT id FROM images INDEXED BY images_by_category
    WHERE dataset_id = :datasetId AND category_id = :categoryId AND id > :afterId ORDER BY id LIMIT ${pieceSize}
  `,
  /* sql */ `
    SELECT id FROM images INDEXED BY images_decided_by_top
    WHERE dataset_id = :datasetId AND top_category_id = :categoryId AND review IN ('accepted', 'corrected')
      AND id > :afterId ORDER BY id LIMIT ${pieceSize}
  `,
  /* sql */ `
    SELECT image_id FROM annotations INDEXED BY annotations_beside
    WHERE category_id = :categoryId AND place > 0 AND image_id > :afterId ORDER BY image_id LIMIT ${pieceSize}
  `,
];

export function mergedPictures(db: Database, decisions: ReturnType<typeof decisionsTable>) {
  const naming = namingSql.map((sql) =>
    db.prepare<{ datasetId?: number; categoryId: number; afterId: number }, number>(sql).pluck(),
  );
  const logged = db
    .prepare<[number, number], number>(
      /* sql */ `
      SELECT image_id FROM decision_images WHERE sequence = ? AND image_id > ? ORDER BY image_id LIMIT ${pieceSize}
    `,
    )
    .pluck();
  const lastId = db.prepare<[], number | null>(/* sql */ `SELECT MAX(id) FROM images`).pluck();
  /** As the model or the head said it; unlike what `images` has, a merge leaves that alone. */
  const predicted = db
    .prepare<[number], number>(
      /* sql */ `
      SELECT COALESCE(merged_into, categories.id)
      FROM images JOIN predictions ON predictions.run_id = COALESCE(head_run_id, images.run_id) AND image_id = images.id
      JOIN categories ON categories.id = predictions.category_id
      WHERE images.id = ? ORDER BY rank LIMIT 1
    `,
    )
    .pluck();
  const setTop = db.prepare<{ imageId: number; top: number }>(/* sql */ `
    UPDATE images SET top_category_id = :top, category_id = COALESCE(
      (SELECT category_id FROM annotations WHERE image_id = :imageId ORDER BY sequence LIMIT 1), :top
    )
    WHERE id = :imageId AND top_category_id IS NOT :top
  `);

  function* all(ask: (afterId: number) => number[]): Generator<number[]> {
    for (let ids = ask(0); ids.length > 0; ids = ids.length < pieceSize ? [] : ask(ids.at(-1)!)) yield ids;
  }

  return {
    /** Every picture that a step of merging, or its undo or redo, may have to change, by id. */
    async find({ datasetId, direction, categoryId, detail, sequence }: Step): Promise<Int32Array> {
      const found = idSet(lastId.get() ?? 0);
      const named = direction === 'undo' ? [categoryId!] : detail.fromIds!;
      const lists = [
        ...named.flatMap((id) =>
          naming.map(
            (query, which) => (afterId: number) =>
              query.all({ ...(which < 2 && { datasetId }), categoryId: id, afterId }),
          ),
        ),
        ...(direction === 'decide' ? [] : [(afterId: number) => logged.all(sequence!, afterId)]),
      ];
      for (const list of lists) {
        for (const ids of all(list)) {
          found.add(ids);
          await nextTurn();
        }
      }
      return Int32Array.from(found);
    },

    /** @returns whether anything was changed */
    settle({ datasetId, direction, categoryId, detail }: Step, sequence: number, imageId: number): boolean {
      const gone = new Set(detail.fromIds);
      const decided =
        direction === 'decide'
          ? decisions.replace(
              datasetId,
              imageId,
              (now) => withoutDoubles(now.map(([id, source]) => [gone.has(id) ? categoryId! : id, source])),
              () => sequence,
            )
          : decisions.restoreOne(sequence, direction, imageId);
      const top = predicted.get(imageId);
      return (top !== undefined && setTop.run({ imageId, top }).changes > 0) || decided;
    },
  };
}
