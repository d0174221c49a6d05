/** @file Where an action leads a picture: its review state and what it is decided to be. */
import type { ReviewState } from '#core/image.ts';
import type { Database } from './database.ts';
import type { ImportGroup, Step, StepDetail } from './unfinished-steps.ts';

/** [category id, source], in the order of the person's choice. */
export type Annotations = [number, 'person' | 'accepted' | 'import'][];

export interface PictureState {
  review: ReviewState;
  annotations: Annotations;
}

export interface PictureNow extends PictureState {
  id: number;
  /** Of the predictions that count. */
  runId: number | null;
  topCategoryId: number | null;
}

/** A prediction that its category sets no threshold for counts from here on, where a picture may have several. */
const defaultThreshold = 0.5;

export function nextStates(db: Database) {
  const sure = db
    .prepare<[number | null, number], [categoryId: number, isSure: 0 | 1]>(
      /* sql */ `
      SELECT counted.id, score >= COALESCE(counted.threshold, ${defaultThreshold})
      FROM predictions JOIN categories AS said ON said.id = category_id
      JOIN categories AS counted ON counted.id = COALESCE(said.merged_into, said.id)
      WHERE run_id = ? AND image_id = ? ORDER BY rank
    `,
    )
    .raw();

  /** What accepting takes: the best prediction; all that are sure as well where a picture may have several. */
  function proposed({ id, runId, topCategoryId }: PictureNow, multiLabel: boolean): number[] {
    if (topCategoryId === null) return [];
    if (!multiLabel) return [topCategoryId];
    const others = sure.all(runId, id).filter(([, isSure]) => isSure);
    return [...new Set([topCategoryId, ...others.map(([categoryId]) => categoryId)])];
  }

  function decided(image: PictureNow, annotations: Annotations, multiLabel: boolean): PictureState {
    if (annotations.length === 0) return { review: 'unreviewed', annotations };
    const proposal = new Set(proposed(image, multiLabel));
    const isProposal = annotations.length === proposal.size && annotations.every(([id]) => proposal.has(id));
    return { review: isProposal ? 'accepted' : 'corrected', annotations };
  }

  function imported(image: PictureNow, detail: StepDetail, place: number): PictureState | undefined {
    const { categoryIds, review } = groupAt(detail.groups!, place);
    const multiLabel = detail.multiLabel ?? false;
    const isDecided = image.review === 'accepted' || image.review === 'corrected';
    if (isDecided && detail.conflicts === 'keep') return undefined;
    if (categoryIds.length === 0)
      return isDecided && detail.conflicts === 'add' ? undefined : { review: review!, annotations: [] };
    const said = categoryIds.map((id): Annotations[number] => [id, 'import']);
    if (!isDecided || detail.conflicts === 'replace') {
      const state = decided(image, said, multiLabel);
      // Whether it was accepted is for our own predictions to say, where there are some.
      return review === null || image.topCategoryId !== null ? state : { ...state, review };
    }
    const both = withoutDoubles([...image.annotations, ...said]);
    return multiLabel && both.length > image.annotations.length ? decided(image, both, true) : undefined;
  }

  /**
   * @param place  of the picture in the step
   * @returns      undefined when the action does not apply to the picture
   */
  return function next(image: PictureNow, step: Step, place: number): PictureState | undefined {
    const { kind, detail } = step;
    const categoryId = step.categoryId!;
    const multiLabel = detail.multiLabel ?? false;
    const label = () => decided(image, [[categoryId, 'person']], multiLabel);
    switch (kind) {
      case 'accept': {
        const proposal = proposed(image, multiLabel);
        if (proposal.length === 0) return undefined;
        return { review: 'accepted', annotations: proposal.map((id) => [id, 'accepted']) };
      }
      case 'label':
      case 'label-name':
        return label();
      case 'toggle':
      case 'toggle-name': {
        if (!multiLabel) return label();
        const others = image.annotations.filter(([id]) => id !== categoryId);
        const has = others.length < image.annotations.length;
        if (has === detail.on) return undefined;
        return decided(image, detail.on ? [...others, [categoryId, 'person']] : others, multiLabel);
      }
      case 'move': {
        if (!image.annotations.some(([id]) => detail.fromIds!.includes(id))) return undefined;
        const moved = image.annotations.map(([id, source]): Annotations[number] =>
          detail.fromIds!.includes(id) ? [categoryId, 'person'] : [id, source],
        );
        return decided(image, withoutDoubles(moved), multiLabel);
      }
      case 'unsure':
        return { review: 'unsure', annotations: [] };
      case 'skip':
        return { review: 'skipped', annotations: [] };
      case 'clear':
        return { review: 'unreviewed', annotations: [] };
      case 'import':
        return imported(image, detail, place);
      case 'rules':
        if (image.review !== 'unreviewed') return undefined;
        return { review: place < detail.unsure! ? 'unsure' : 'skipped', annotations: [] };
      default:
        return undefined;
    }
  };
}

/** The first of each category. */
export function withoutDoubles(annotations: Annotations): Annotations {
  return annotations.filter(([id], place) => annotations.findIndex(([other]) => other === id) === place);
}

/** The group that the picture at `place` belongs to. */
function groupAt(groups: readonly ImportGroup[], place: number): ImportGroup {
  let [low, high] = [0, groups.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (groups[middle]!.end > place) high = middle;
    else low = middle + 1;
  }
  return groups[low]!;
}
