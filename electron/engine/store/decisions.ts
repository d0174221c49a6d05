/** @file What people decide: `annotations`, the review state of `images`, and the log that undoes it. */
import type { DecisionResult, ReviewAction } from '#contract/calls.ts';
import type { ReviewState } from '#core/image.ts';
import { categoriesTable } from './categories.ts';
import type { Database } from './database.ts';

/** [category id, source], in the order of the person's choice. */
type Annotations = [number, 'person' | 'accepted' | 'import'][];

interface State {
  review: ReviewState;
  annotations: Annotations;
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

/** How many of the changed pictures an answer names. */
const namedImages = 50;

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
  const newestDone = db.prepare<
    [number],
    { sequence: number; kind: ReviewAction['kind']; category: string | null }
  >(/* sql */ `
    SELECT sequence, kind, category FROM decisions WHERE dataset_id = ? AND state = 'done' ORDER BY sequence DESC LIMIT 1
  `);
  const oldestUndone = db.prepare<
    [number],
    { sequence: number; kind: ReviewAction['kind']; category: string | null }
  >(/* sql */ `
    SELECT sequence, kind, category FROM decisions WHERE dataset_id = ? AND state = 'undone' ORDER BY sequence LIMIT 1
  `);
  const setState = db.prepare<[string, number]>(/* sql */ `UPDATE decisions SET state = ? WHERE sequence = ?`);
  const before = db.prepare<[number], LoggedImage>(/* sql */ `
    SELECT image_id AS imageId, review_before AS review, annotations_before AS annotations
    FROM decision_images WHERE sequence = ?
  `);
  const after = db.prepare<[number], LoggedImage>(/* sql */ `
    SELECT image_id AS imageId, review_after AS review, annotations_after AS annotations
    FROM decision_images WHERE sequence = ?
  `);

  function write(imageId: number, { review, annotations }: State, sequence: number): void {
    clear.run(imageId);
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

  const decide = db.transaction(
    (datasetId: number, imageIds: Iterable<number>, action: ReviewAction): DecisionResult => {
      const chosen =
        action.kind === 'label'
          ? categories.get(datasetId, action.categoryId)
          : action.kind === 'label-name'
            ? { id: categories.ensure(datasetId, action.name), name: action.name }
            : null;
      const result: DecisionResult = { kind: action.kind, changed: 0, imageIds: [], category: chosen?.name ?? null };
      let sequence = 0;
      for (const imageId of imageIds) {
        const image = current.get(imageId, datasetId);
        const state = image && next(image, action.kind, chosen?.id ?? null);
        if (!image || !state) continue;
        const afterwards = JSON.stringify(state.annotations);
        if (image.review === state.review && image.annotations === afterwards) continue;
        if (result.changed === 0) {
          dropRedo.run(datasetId);
          sequence = Number(log.run(datasetId, action.kind, result.category, Date.now()).lastInsertRowid);
        }
        logImage.run(sequence, imageId, image.review, state.review, image.annotations, afterwards);
        write(imageId, state, sequence);
        result.changed++;
        if (result.imageIds.length < namedImages) result.imageIds.push(imageId);
      }
      return result;
    },
  );

  const step = db.transaction((datasetId: number, direction: 'undo' | 'redo'): DecisionResult => {
    const decision = direction === 'undo' ? newestDone.get(datasetId) : oldestUndone.get(datasetId);
    if (!decision) return { kind: null, changed: 0, imageIds: [], category: null };
    const states = (direction === 'undo' ? before : after).all(decision.sequence);
    for (const { imageId, review, annotations } of states) {
      write(imageId, { review, annotations: JSON.parse(annotations) as Annotations }, decision.sequence);
    }
    setState.run(direction === 'undo' ? 'undone' : 'done', decision.sequence);
    return {
      kind: decision.kind,
      changed: states.length,
      imageIds: states.slice(0, namedImages).map(({ imageId }) => imageId),
      category: decision.category,
    };
  });

  return {
    /** One step of undo for all of `imageIds`; pictures the action does not apply to or change are left alone. */
    decide,
    undo: (datasetId: number) => step(datasetId, 'undo'),
    redo: (datasetId: number) => step(datasetId, 'redo'),
    canUndo: (datasetId: number) => newestDone.get(datasetId) !== undefined,
    canRedo: (datasetId: number) => oldestUndone.get(datasetId) !== undefined,
  };
}
