/** @file What a decision will most likely do to a row, so that it shows before the engine answers. */
import type { ImageRow } from '#core/image.ts';
import type { ReviewAction } from '#contract/calls.ts';

/** @param categoryName  of the category chosen, for 'label' */
export function decidedRow(row: ImageRow, action: ReviewAction, categoryName: string | null): ImageRow {
  switch (action.kind) {
    case 'accept':
      if (row.status !== 'done' || row.label === null) return row;
      return { ...row, review: 'accepted', decided: true };
    case 'label':
    case 'label-name': {
      const label = action.kind === 'label-name' ? action.name : (categoryName ?? row.label);
      const isPrediction = !row.decided && row.label === label;
      return { ...row, review: isPrediction ? 'accepted' : 'corrected', label, decided: true, parent: null };
    }
    case 'unsure':
      return { ...row, review: 'unsure', decided: false };
    case 'flag':
      return { ...row, flagged: action.on };
    case 'note':
      return { ...row, hasNote: action.note !== '' };
    case 'toggle':
    case 'toggle-name':
    case 'move':
      // Depends on what the other pictures have.
      return row;
    case 'skip':
      return { ...row, review: 'skipped', decided: false };
    case 'clear':
      return { ...row, review: 'unreviewed', decided: false };
  }
}
