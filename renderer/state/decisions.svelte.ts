/** @file What a person decides about pictures: shown at once, stored by the engine, undoable. */
import type { DecisionResult, ReviewAction, ReviewTarget } from '#contract/calls.ts';
import { call } from '../api.ts';
import type { Language } from '../messages/index.svelte.ts';
import { decidedRow } from './optimistic.ts';
import type { ReviewState } from './review.svelte.ts';
import { contains, count } from './selection.ts';
import type { Toasts } from './toasts.svelte.ts';

interface Surroundings {
  review: ReviewState;
  toasts: Toasts;
  language: Language;
  autoAdvance: () => boolean;
  categoryName: (categoryId: number) => string | null;
  /** One picture was labeled, and the engine has it. */
  labeled: (imageId: number) => void;
  /** Decisions were taken back or made again. */
  stepped: () => void;
  onError: (thrown: unknown) => void;
}

export class Decisions {
  #around: Surroundings;
  /** Decisions reach the engine in the order they were made, even when one must first look up ids. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** Apply to the selection, else to the picture in focus, as one step; then go on to the next picture. */
  decide(action: ReviewAction): Promise<void> {
    const { review, language, toasts, autoAdvance } = this.#around;
    const datasetId = review.datasetId;
    const ranges = review.target;
    const size = count(ranges);
    if (datasetId === null || size === 0) return Promise.resolve();

    review.touch();
    const wholeView = size === review.total && size > 1;
    const viewId = review.viewId;
    // Ids of rows at hand are taken now: the view may be another one when the queue gets here.
    const ids = wholeView ? Promise.resolve([]) : review.rows.ids(ranges);
    const focused = review.focused;
    if (size === 1 && action.kind === 'accept' && focused && focused.label === null) {
      toasts.show(language.text.toast.nothingToAccept);
      return Promise.resolve();
    }

    const name = action.kind === 'label' ? this.#around.categoryName(action.categoryId) : null;
    const settle = review.rows.edit((row, index) => (contains(ranges, index) ? decidedRow(row, action, name) : row));
    if (size === 1 && action.kind !== 'clear' && autoAdvance()) review.focusAt(review.focus + 1);

    return this.#inOrder(async () => {
      try {
        const target: ReviewTarget = wholeView ? { viewId } : { imageIds: await ids };
        const result = await call('review.decide', { datasetId, target, action });
        this.#tell(result, size);
        const decides = ['accept', 'label', 'label-name'].includes(action.kind) && result.changed > 0;
        if (size === 1 && focused && decides) this.#around.labeled(focused.id);
      } finally {
        review.details.expire();
        settle();
        review.details.prefetch(review.focused?.id);
      }
    });
  }

  /** Take the prediction with this digit of the picture in focus, 1-based. */
  async choose(digit: number): Promise<void> {
    const { review, toasts, language, onError } = this.#around;
    const row = review.focused;
    if (!row) return;
    try {
      const detail = review.details.get(row.id) ?? (await review.details.fetch(row.id));
      if (review.focused?.id !== row.id) return;
      const prediction = detail.predictions[digit - 1];
      if (prediction) await this.decide({ kind: 'label', categoryId: prediction.categoryId });
      else toasts.show(language.text.toast.noSuchPrediction(digit));
    } catch (thrown) {
      onError(thrown);
    }
  }

  undo(): Promise<void> {
    return this.#step('review.undo');
  }

  redo(): Promise<void> {
    return this.#step('review.redo');
  }

  #step(name: 'review.undo' | 'review.redo'): Promise<void> {
    const { review, toasts, language } = this.#around;
    const datasetId = review.datasetId;
    if (datasetId === null) return Promise.resolve();
    this.#around.stepped();
    return this.#inOrder(async () => {
      const { changed, imageIds } = await call(name, { datasetId });
      const { toast } = language.text;
      if (changed === 0) {
        toasts.show(name === 'review.undo' ? toast.nothingToUndo : toast.nothingToRedo);
        return;
      }
      review.details.expire();
      review.rows.expire();
      toasts.show((name === 'review.undo' ? toast.undone : toast.redone)(changed));
      if (imageIds[0] !== undefined) await review.goTo(imageIds[0]);
      review.details.prefetch(review.focused?.id);
    });
  }

  #tell({ kind, changed, category }: DecisionResult, size: number): void {
    const { toasts, language } = this.#around;
    const { toast, action } = language.text;
    if (kind === null || changed === 0) {
      if (kind === 'accept' || kind === null) toasts.announce(toast.nothingToAccept);
      return;
    }
    const isLabel = kind === 'label' || kind === 'label-name';
    const text = isLabel ? toast.label(changed, category ?? '') : toast[kind](changed);
    // One picture shows its own change; a message for each would only distract.
    if (size === 1) toasts.announce(text);
    else toasts.show(text, { label: action.undo, run: () => void this.undo() });
  }

  #inOrder(work: () => Promise<void>): Promise<void> {
    const result = this.#queue.then(work).catch(this.#around.onError);
    this.#queue = result;
    return result;
  }
}
