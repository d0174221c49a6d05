/** @file What people decide: `annotations`, the review state of `images`, flags and notes, and the log that undoes it. */
import type { StepKind } from '#contract/calls.ts';
import type { ReviewState } from '#core/image.ts';
import type { RowChanges, RowPatch } from './category-steps.ts';
import type { Database } from './database.ts';
import { marksTable, type Marks } from './marks.ts';
import { nextStates, type Annotations, type PictureNow, type PictureState } from './next-state.ts';
import type { Step } from './unfinished-steps.ts';

export interface Decision {
  sequence: number;
  kind: StepKind;
  category: string | null;
  categoriesBefore: string | null;
  categoriesAfter: string | null;
}

type StoredImage = Omit<PictureNow, 'annotations'> & { annotations: string };

interface LoggedImage {
  imageId: number;
  review: ReviewState;
  annotations: string;
  marks: string | null;
}

export function decisionsTable(db: Database) {
  const marks = marksTable(db);
  const next = nextStates(db);
  const current = db.prepare<[number, number], StoredImage>(/* sql */ `
    SELECT id, review, COALESCE(head_run_id, run_id) AS runId,
      (SELECT COALESCE(merged_into, categories.id) FROM categories WHERE id = top_category_id) AS topCategoryId,
      (SELECT json_group_array(json_array(category_id, source) ORDER BY sequence) FROM annotations
       WHERE image_id = images.id) AS annotations
    FROM images WHERE id = ? AND dataset_id = ?
  `);
  const clear = db.prepare<[number]>(/* sql */ `DELETE FROM annotations WHERE image_id = ?`);
  const annotate = db.prepare<[number, number, string, number, number]>(/* sql */ `
    INSERT INTO annotations (image_id, category_id, source, sequence, place) VALUES (?, ?, ?, ?, ?)
  `);
  // What was shown is what was shown first: later predictions were learned from the decision.
  const setReview = db.prepare<
    [{ id: number; review: string; categoryId: number | null; isDecided: 0 | 1 }]
  >(/* sql */ `
    UPDATE images SET review = :review, category_id = COALESCE(:categoryId, top_category_id),
      shown_category_id = CASE WHEN :isDecided
        THEN iif(review IN ('accepted', 'corrected'), shown_category_id, top_category_id) END,
      shown_score = CASE WHEN :isDecided THEN iif(review IN ('accepted', 'corrected'), shown_score, top_score) END
    WHERE id = :id
  `);
  const lacking = db
    .prepare<[string, number, number], number>(
      /* sql */ `
      SELECT value FROM json_each(?) CROSS JOIN images ON images.id = value AND dataset_id = ?
      WHERE NOT EXISTS (SELECT 1 FROM annotations WHERE image_id = value AND category_id = ?) LIMIT 1
    `,
    )
    .pluck();
  const log = db.prepare<[number, string, string | null, number, string | null, string | null]>(/* sql */ `
    INSERT INTO decisions (dataset_id, kind, category, decided_ms, categories_before, categories_after)
    VALUES (?, ?, ?, ?, ?, ?)
  `);
  const logImage = db.prepare<
    [number, number, string, string, string, string, string | null, string | null]
  >(/* sql */ `
    INSERT INTO decision_images (sequence, image_id, review_before, review_after, annotations_before, annotations_after,
      marks_before, marks_after)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  `);
  const dropRedo = db.prepare<[number]>(
    /* sql */ `UPDATE decisions SET state = 'dropped' WHERE dataset_id = ? AND state = 'undone'`,
  );
  const decision = /* sql */ `
    SELECT sequence, kind, category, categories_before AS categoriesBefore, categories_after AS categoriesAfter
    FROM decisions
  `;
  const newestDone = db.prepare<[number], Decision>(
    /* sql */ `${decision} WHERE dataset_id = ? AND state = 'done' ORDER BY sequence DESC LIMIT 1`,
  );
  const oldestUndone = db.prepare<[number], Decision>(
    /* sql */ `${decision} WHERE dataset_id = ? AND state = 'undone' ORDER BY sequence LIMIT 1`,
  );
  const setState = db.prepare<[string, number]>(/* sql */ `UPDATE decisions SET state = ? WHERE sequence = ?`);
  const logged = (when: 'before' | 'after', which: string) =>
    db.prepare<[number, number, number], LoggedImage>(/* sql */ `
      SELECT image_id AS imageId, review_${when} AS review, annotations_${when} AS annotations, marks_${when} AS marks
      FROM decision_images WHERE sequence = ? AND ${which} ORDER BY image_id LIMIT ?
    `);
  const after = { undo: logged('before', 'image_id > ?'), redo: logged('after', 'image_id > ?') };
  const only = { undo: logged('before', 'image_id = ?'), redo: logged('after', 'image_id = ?') };

  function write(
    imageId: number,
    { review, annotations }: PictureState,
    sequence: number,
    hadAnnotations = true,
  ): void {
    if (hadAnnotations) clear.run(imageId);
    annotations.forEach(([categoryId, source], place) =>
      annotate.run(imageId, categoryId, source, sequence + place, place),
    );
    const isDecided = review === 'accepted' || review === 'corrected' ? 1 : 0;
    setReview.run({ id: imageId, review, categoryId: annotations[0]?.[0] ?? null, isDecided });
  }

  function restoreOne({ imageId, review, annotations, marks: marked }: LoggedImage, sequence: number): void {
    // A flag or a note stands for itself: whatever else was decided about the picture stays.
    if (marked !== null) marks.set(imageId, JSON.parse(marked) as Marks);
    else write(imageId, { review, annotations: JSON.parse(annotations) as Annotations }, sequence);
  }

  function mark(image: StoredImage, { kind, detail }: Step, begin: () => number): boolean {
    const [flagged, note] = marks.get(image.id);
    const marked: Marks = kind === 'flag' ? [detail.on ? 1 : 0, note] : [flagged, detail.note!];
    const [before, afterwards] = [JSON.stringify([flagged, note]), JSON.stringify(marked)];
    if (before === afterwards) return false;
    const { id, review, annotations } = image;
    logImage.run(begin(), id, review, review, annotations, annotations, before, afterwards);
    marks.set(id, marked);
    return true;
  }

  function rewrite(image: StoredImage, state: PictureState, begin: () => number): boolean {
    const { id, review, annotations } = image;
    const afterwards = JSON.stringify(state.annotations);
    if (review === state.review && annotations === afterwards) return false;
    const sequence = begin();
    logImage.run(sequence, id, review, state.review, annotations, afterwards, null, null);
    write(id, state, sequence, annotations !== '[]');
    return true;
  }

  return {
    /** A new step, which ends what could be redone. @returns its sequence */
    begin(datasetId: number, kind: StepKind, category: string | null, changes?: RowChanges): number {
      dropRedo.run(datasetId);
      const [before, afterwards] = changes?.after.length
        ? [JSON.stringify(changes.before), JSON.stringify(changes.after)]
        : [null, null];
      return Number(log.run(datasetId, kind, category, Date.now(), before, afterwards).lastInsertRowid);
    },

    /**
     * Decide about one picture, unless the action does not apply to it or changes nothing.
     *
     * @param place  of the picture in the step
     * @param begin  asked for the step's sequence only if there is something to write
     */
    change(step: Step, imageId: number, place: number, begin: () => number): boolean {
      const image = current.get(imageId, step.datasetId);
      if (!image) return false;
      if (step.kind === 'flag' || step.kind === 'note') return mark(image, step, begin);
      const now = { ...image, annotations: JSON.parse(image.annotations) as Annotations };
      const state = next(now, step, place);
      return state !== undefined && rewrite(image, state, begin);
    },

    /** Change what a picture was decided to be, if it was; its review state stays. */
    replace(datasetId: number, imageId: number, annotations: (now: Annotations) => Annotations, begin: () => number) {
      const image = current.get(imageId, datasetId);
      if (!image || image.annotations === '[]') return false;
      const state = { review: image.review, annotations: annotations(JSON.parse(image.annotations) as Annotations) };
      return rewrite(image, state, begin);
    },

    /** Whether each of the pictures that are in the dataset was decided to be of the category, maybe among others. */
    allAre: (datasetId: number, imageIds: Int32Array, categoryId: number): boolean =>
      lacking.get(JSON.stringify([...imageIds]), datasetId, categoryId) === undefined,

    /** Bring the next pictures of a step, after `afterId`, to where they were before it, or after it. @returns their ids */
    restore(sequence: number, direction: 'undo' | 'redo', afterId: number, limit: number): number[] {
      const states = after[direction].all(sequence, afterId, limit);
      for (const state of states) restoreOne(state, sequence);
      return states.map(({ imageId }) => imageId);
    },

    /** The same for one picture. @returns whether the step is about it */
    restoreOne(sequence: number, direction: 'undo' | 'redo', imageId: number): boolean {
      const state = only[direction].get(sequence, imageId, 1);
      if (state) restoreOne(state, sequence);
      return state !== undefined;
    },

    setState: (sequence: number, state: 'done' | 'undone') => void setState.run(state, sequence),
    newestDone: (datasetId: number) => newestDone.get(datasetId),
    oldestUndone: (datasetId: number) => oldestUndone.get(datasetId),
    /** What a step did to categories, as they are to be. */
    patches({ categoriesBefore, categoriesAfter }: Decision, direction: 'undo' | 'redo'): RowPatch[] {
      return JSON.parse((direction === 'undo' ? categoriesBefore : categoriesAfter) ?? '[]') as RowPatch[];
    },
  };
}
