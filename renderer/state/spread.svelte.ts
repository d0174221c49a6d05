/** @file One decision for nearly the same pictures: offered after deciding one, never done unasked. */
import { call } from '../api.ts';
import type { AppState } from './app.svelte.ts';

export interface SpreadOffer {
  datasetId: number;
  imageIds: number[];
  categoryId: number;
  category: string;
}

/** Keys that follow sooner leave the picture behind; nothing is offered for it. */
const restMs = 150;

export class Spread {
  #app: AppState;
  #offer = $state.raw<SpreadOffer | null>(null);
  #asked = 0;

  constructor(app: AppState) {
    this.#app = app;
  }

  get offer(): SpreadOffer | null {
    return this.#offer?.datasetId === this.#app.library.currentId ? this.#offer : null;
  }

  dismiss(): void {
    this.#asked++;
    this.#offer = null;
  }

  /** A picture was decided: see whether others are nearly the same and undecided. */
  async decided(imageId: number): Promise<void> {
    this.dismiss();
    const asked = this.#asked;
    const datasetId = this.#app.library.currentId;
    if (datasetId === null) return;
    await new Promise((resolve) => setTimeout(resolve, restMs));
    if (asked !== this.#asked) return;
    try {
      const { unreviewedIds } = await call('image.duplicates', { imageId });
      if (unreviewedIds.length === 0 || asked !== this.#asked) return;
      const { annotations } = await call('image.get', { imageId });
      // Several categories would be several steps of undo.
      const [annotation] = annotations;
      if (!annotation || annotations.length > 1) return;
      if (asked !== this.#asked) return;
      const { categoryId, category } = annotation;
      this.#offer = { datasetId, imageIds: unreviewedIds, categoryId, category };
    } catch {
      // An offer that cannot be made is none.
    }
  }

  /** Label them like the decided one, as one step. */
  async apply(): Promise<void> {
    const { offer } = this;
    const { toasts, language, review, decisions } = this.#app;
    if (!offer) {
      toasts.show(language.text.spread.none);
      return;
    }
    this.dismiss();
    const ids = new Set(offer.imageIds);
    const settle = review.rows.edit((row) =>
      ids.has(row.id) ? { ...row, review: 'corrected', label: offer.category, decided: true, parent: null } : row,
    );
    try {
      const { changed, category } = await call('review.decide', {
        datasetId: offer.datasetId,
        target: { imageIds: offer.imageIds },
        action: { kind: 'label', categoryId: offer.categoryId },
      });
      toasts.show(language.text.groups.labeled(changed, category ?? offer.category), {
        label: language.text.action.undo,
        run: () => void decisions.undo(),
      });
    } finally {
      review.details.expire();
      settle();
    }
  }
}
