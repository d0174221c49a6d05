/** @file What a decision will most likely do to a picture, so that it shows before the engine answers. */
import type { ImageDetail, ImageRow } from '#core/image.ts';
import type { ReviewAction } from '#contract/calls.ts';

type Annotations = ImageDetail['annotations'];
type Known = Pick<ImageDetail, 'annotations' | 'predictions'>;

/** With several categories a picture, those of at least this score are proposed where no threshold says otherwise. */
const sure = 0.5;

/**
 * @param categoryName  of the category chosen, for 'label' and 'toggle'
 * @param known         what else is known of the picture; without it 'toggle' waits for the engine
 */
export function decidedRow(
  row: ImageRow,
  action: ReviewAction,
  categoryName: string | null,
  known: Known | null = null,
): ImageRow {
  const predicted = known?.predictions[0]?.category ?? row.label;
  switch (action.kind) {
    case 'accept':
      if (row.status !== 'done' || row.label === null) return row;
      return { ...row, review: 'accepted', label: predicted, decided: true };
    case 'label':
    case 'label-name': {
      const label = action.kind === 'label-name' ? action.name : (categoryName ?? row.label);
      const isPrediction = row.decided ? known?.predictions[0]?.category === label : row.label === label;
      const review = isPrediction ? 'accepted' : 'corrected';
      return { ...row, review, label, decided: true, moreLabels: 0, parent: null };
    }
    case 'toggle':
    case 'toggle-name': {
      const annotations = known && toggledAnnotations(known.annotations, action, categoryName);
      return annotations ? withAnnotations(row, annotations, known.predictions) : row;
    }
    case 'move':
      // Depends on what the other pictures have.
      return row;
    case 'unsure':
      return { ...row, review: 'unsure', label: predicted, decided: false, moreLabels: 0 };
    case 'skip':
      return { ...row, review: 'skipped', label: predicted, decided: false, moreLabels: 0 };
    case 'clear':
      return { ...row, review: 'unreviewed', label: predicted, decided: false, moreLabels: 0 };
    case 'flag':
      return { ...row, flagged: action.on };
    case 'note':
      return { ...row, hasNote: action.note !== '' };
  }
}

/** The categories of one picture after a toggle, which also shows in its detail; null for what is no toggle. */
export function toggledAnnotations(
  annotations: Annotations,
  action: ReviewAction,
  categoryName: string | null,
): Annotations | null {
  if (action.kind !== 'toggle' && action.kind !== 'toggle-name') return null;
  const category = action.kind === 'toggle-name' ? action.name : categoryName;
  if (category === null) return null;
  const others = annotations.filter((annotation) =>
    action.kind === 'toggle' ? annotation.categoryId !== action.categoryId : annotation.category !== category,
  );
  if (others.length < annotations.length) return others;
  // A new category gets its id from the engine.
  return [...others, { categoryId: action.kind === 'toggle' ? action.categoryId : 0, category, source: 'person' }];
}

function withAnnotations(row: ImageRow, annotations: Annotations, predictions: Known['predictions']): ImageRow {
  const [first, ...more] = annotations.map(({ category }) => category);
  if (first === undefined) {
    const label = predictions[0]?.category ?? null;
    return { ...row, review: 'unreviewed', label, decided: false, moreLabels: 0 };
  }
  const proposed = new Set(
    predictions.filter(({ score }, place) => place === 0 || score >= sure).map((p) => p.category),
  );
  const isProposal =
    proposed.size === annotations.length && annotations.every(({ category }) => proposed.has(category));
  const review = isProposal ? 'accepted' : 'corrected';
  return { ...row, review, label: first, decided: true, moreLabels: more.length, parent: null };
}
