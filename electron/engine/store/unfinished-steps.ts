/** @file The `unfinished_steps` and `unfinished_images` tables: the one decision that is still being written, so that a crash does not halve it. */
import type { StepKind } from '#contract/calls.ts';
import type { ReviewState } from '#core/image.ts';
import type { ConflictRule } from '#core/label-import.ts';
import type { Database } from './database.ts';

/** Pictures that labels from elsewhere decide alike. */
export interface ImportGroup {
  /** Where the group ends in the pictures of the step; it begins where the one before ends. */
  end: number;
  categoryIds: number[];
  /** As the file says; null: found out from the predictions. */
  review: ReviewState | null;
}

/** What an action says besides its category. */
export interface StepDetail {
  /** Pictures may have several categories. */
  multiLabel?: boolean;
  /** 'toggle', 'flag': put on or take away. */
  on?: boolean;
  note?: string;
  /** 'move': what moves. 'category-merged': what goes. */
  fromIds?: number[];
  /** 'rules': the first so many pictures become unsure, the others are skipped. */
  unsure?: number;
  /** 'import': in the order of the pictures. */
  groups?: ImportGroup[];
  /** 'import': for pictures that are decided otherwise. */
  conflicts?: ConflictRule;
}

export interface Step {
  datasetId: number;
  direction: 'decide' | 'undo' | 'redo';
  /** Of the decision; null until a picture was changed. */
  sequence: number | null;
  kind: StepKind;
  categoryId: number | null;
  detail: StepDetail;
  /** What to decide about; empty for undo and redo, which read the log, except for those of a merge. */
  imageIds: Int32Array;
  /** 'decide': how many of them are behind us; otherwise the last picture that is. */
  position: number;
}

type StoredStep = Omit<Step, 'imageIds' | 'detail'> & { detail: string };

export function unfinishedStepsTable(db: Database) {
  const get = db.prepare<[], StoredStep>(/* sql */ `
    SELECT dataset_id AS datasetId, direction, sequence, kind, category_id AS categoryId, detail, position
    FROM unfinished_steps
  `);
  const images = db.prepare<[], Buffer>(/* sql */ `SELECT image_ids FROM unfinished_images`).pluck();
  const insert = db.prepare<[StoredStep]>(/* sql */ `
    INSERT INTO unfinished_steps (id, dataset_id, direction, sequence, kind, category_id, detail, position)
    VALUES (1, :datasetId, :direction, :sequence, :kind, :categoryId, :detail, :position)
  `);
  const insertImages = db.prepare<[Buffer]>(/* sql */ `INSERT INTO unfinished_images (id, image_ids) VALUES (1, ?)`);
  const advance = db.prepare<[number | null, number]>(
    /* sql */ `UPDATE unfinished_steps SET sequence = ?, position = ?`,
  );
  const removeImages = db.prepare(/* sql */ `DELETE FROM unfinished_images`);
  const remove = db.prepare(/* sql */ `DELETE FROM unfinished_steps`);

  function setImages({ buffer, byteOffset, byteLength }: Int32Array): void {
    if (byteLength > 0) insertImages.run(Buffer.from(buffer, byteOffset, byteLength));
  }

  return {
    get(): Step | undefined {
      const stored = get.get();
      if (!stored) return undefined;
      // Copied, because a buffer may begin where no whole number can.
      const bytes = new Uint8Array(images.get() ?? []);
      return {
        ...stored,
        detail: JSON.parse(stored.detail) as StepDetail,
        imageIds: new Int32Array(bytes.buffer, 0, bytes.byteLength >> 2),
      };
    },
    insert({ imageIds, detail, ...step }: Step): void {
      insert.run({ ...step, detail: JSON.stringify(detail) });
      setImages(imageIds);
    },
    /** What a step that has begun is about, once that is known. */
    setImages,
    advance: (sequence: number | null, position: number) => void advance.run(sequence, position),
    remove(): void {
      removeImages.run();
      remove.run();
    },
  };
}
