/** @file What people decide: `annotations`, the review state of `images`, and the log that undoes it. */
import type { ReviewAction } from '#contract/calls.ts';
import type { ReviewState } from '#core/image.ts';
import { categoriesTable } from './categories.ts';
import type { Database } from './database.ts';

/** [category id, source], in the order of the person's choice. */
type Annotations = [number, 'person' | 'accepted' | 'import'][];

interface State {
  review: ReviewState;
  annotations: Annotations;
}

export interface Decision {
  sequence: number;
  kind: ReviewAction['kind'];
  category: string | null;
}

interface StoredImage {
  id: number;
  review: ReviewState;
  topCategoryId: number | null;
  annotations: string;
}

interface LoggedImage {
  imageId: number;
  review: ReviewState;
  annotations: string;
}

export function decisionsTable(db: Database) {
  const categories = categoriesTable(db);
  const current = db.prepare<[number, number], StoredImage>(/* sql */ `
    SELECT id, review, top_category_id AS topCategoryId,
      (SELECT json_group_array(json_array(category_id, source) ORDER BY sequence) FROM annotations
       WHERE image_id = images.id) AS annotations
    FROM images WHERE id = ? AND dataset_id = ?
  `);
  const clear = db.prepare<[number]>(/* sql */ `DELETE FROM annotations WHERE image_id = ?`);
  const annotate = db.prepare<[number, number, string, number]>(
    /* sql */ `INSERT INTO annotations (image_id, category_id, source, sequence) VALUES (?, ?, ?, ?)`,
  );
  const setReview = db.prepare<[string, number | null, number]>(/* sql */ `
    UPDATE images SET review = ?, category_id = COALESCE(?, top_category_id) WHERE id = ?
  `);
  const log = db.prepare<[number, string, string | null, number]>(
    /* sql */ `INSERT INTO decisions (dataset_id, kind, category, decided_ms) VALUES (?, ?, ?, ?)`,
  );
  const logImage = db.prepare<[number, number, string, string, string, string]>(/* sql */ `
    INSERT INTO decision_images (sequence, image_id, review_before, review_after, annotations_before, annotations_after)
    VALUES (?, ?, ?, ?, ?, ?)
  `);
  const dropRedo = db.prepare<[number]>(
    /* sql */ `UPDATE decisions SET state = 'dropped' WHERE dataset_id = ? AND state = 'undone'`,
  );
  const newestDone = db.prepare<[number], Decision>(/* sql */ `
    SELECT sequence, kind, category FROM decisions WHERE dataset_id = ? AND state = 'done' ORDER BY sequence DESC LIMIT 1
  `);
  const oldestUndone = db.prepare<[number], Decision>(/* sql */ `
    SELECT sequence, kind, category FROM decisions WHERE dataset_id = ? AND state = 'undone' ORDER BY sequence LIMIT 1
  `);
  const setState = db.prepare<[string, number]>(/* sql */ `UPDATE decisions SET state = ? WHERE sequence = ?`);
  const logged = (when: 'before' | 'after') =>
    db.prepare<[number, number, number], LoggedImage>(/* sql */ `
      SELECT image_id AS imageId, review_${when} AS review, annotations_${when} AS annotations
      FROM decision_images WHERE sequence = ? AND image_id > ? ORDER BY image_id LIMIT ?
    `);
  const before = logged('before');
  const after = logged('after');

  function write(imageId: number, { review, annotations }: State, sequence: number, hadAnnotations = true): void {
    if (hadAnnotations) clear.run(imageId);
    annotations.forEach(([categoryId, source], place) => annotate.run(imageId, categoryId, source, sequence + place));
    setReview.run(review, annotations[0]?.[0] ?? null, imageId);
  }

  /** The state an action leads to, or undefined when it does not apply to the picture. */
  function next(image: StoredImage, kind: ReviewAction['kind'], categoryId: number | null): State | undefined {
    switch (kind) {
      case 'accept':
        if (image.topCategoryId === null) return undefined;
        return { review: 'accepted', annotations: [[image.topCategoryId, 'accepted']] };
      case 'label':
      case 'label-name':
        return {
          review: categoryId === image.topCategoryId ? 'accepted' : 'corrected',
          annotations: [[categoryId!, 'person']],
        };
      case 'skip':
        return { review: 'skipped', annotations: [] };
      case 'clear':
        return { review: 'unreviewed', annotations: [] };
    }
  }

  return {
    /**
     * The category of an action, made if there is none yet of that name; null for actions without one.
     *
     * @throws {AppError} 'not-found' when it belongs to another dataset or to none
     */
    choose(datasetId: number, action: ReviewAction): { id: number; name: string } | null {
      if (action.kind === 'label') return categories.get(datasetId, action.categoryId);
      if (action.kind !== 'label-name') return null;
      return { id: categories.ensure(datasetId, action.name), name: action.name };
    },

    /** A new step, which ends what could be redone. @returns its sequence */
    begin(datasetId: number, kind: ReviewAction['kind'], category: string | null): number {
      dropRedo.run(datasetId);
      return Number(log.run(datasetId, kind, category, Date.now()).lastInsertRowid);
    },

    /**
     * Decide about one picture, unless the action does not apply to it or changes nothing.
     *
     * @param begin  asked for the step's sequence only if there is something to write
     */
    change(
      datasetId: number,
      imageId: number,
      kind: ReviewAction['kind'],
      categoryId: number | null,
      begin: () => number,
    ): boolean {
      const image = current.get(imageId, datasetId);
      const state = image && next(image, kind, categoryId);
      if (!image || !state) return false;
      const afterwards = JSON.stringify(state.annotations);
      if (image.review === state.review && image.annotations === afterwards) return false;
      const sequence = begin();
      logImage.run(sequence, imageId, image.review, state.review, image.annotations, afterwards);
      write(imageId, state, sequence, image.annotations !== '[]');
      return true;
    },

    /** Bring the next pictures of a step, after `afterId`, to where they were before it, or after it. @returns their ids */
    restore(sequence: number, direction: 'undo' | 'redo', afterId: number, limit: number): number[] {
      const states = (direction === 'undo' ? before : after).all(sequence, afterId, limit);
      for (const { imageId, review, annotations } of states) {
        write(imageId, { review, annotations: JSON.parse(annotations) as Annotations }, sequence);
      }
      return states.map(({ imageId }) => imageId);
    },

    setState: (sequence: number, state: 'done' | 'undone') => void setState.run(state, sequence),
    newestDone: (datasetId: number) => newestDone.get(datasetId),
    oldestUndone: (datasetId: number) => oldestUndone.get(datasetId),
  };
}
