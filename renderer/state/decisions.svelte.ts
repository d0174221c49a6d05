/** @file What a person decides about pictures: shown at once, stored by the engine, undoable. */
import type { DecisionResult, ReviewAction, ReviewTarget, StepKind } from '#contract/calls.ts';
import type { ImageDetail } from '#core/image.ts';
import { call } from '../api.ts';
import type { Language } from '../messages/index.svelte.ts';
import type { AdvanceMode } from './advance.ts';
import { decidedRow, toggledAnnotations } from './optimistic.ts';
import type { ReviewState } from './review.svelte.ts';
import { contains, count, range, union, nothing, type Ranges } from './selection.ts';
import type { Toasts } from './toasts.svelte.ts';

interface Surroundings {
  review: ReviewState;
  toasts: Toasts;
  language: Language;
  /** Where to go after a decision. */
  autoAdvance: () => AdvanceMode;
  /** A picture may have several categories. */
  multiLabel: () => boolean;
  categoryName: (categoryId: number) => string | null;
  /** One picture was labeled, and the engine has it. */
  labeled: (imageId: number) => void;
  /** Decisions were taken back or made again. */
  stepped: () => void;
  onError: (thrown: unknown) => void;
}

/** After these the person is done with a picture. */
const finishing: ReadonlySet<ReviewAction['kind']> = new Set(['accept', 'label', 'label-name', 'unsure', 'skip']);

export class Decisions {
  #around: Surroundings;
  /** Decisions reach the engine in the order they were made, even when one must first look up ids. */
  #queue: Promise<unknown> = Promise.resolve();
  /** What is waited for before the next key: predictions that a digit is about, or the place to go on or back to. */
  #waiting: Promise<void> | null = null;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** Apply to the selection, else to the picture in focus, as one step; then go on to the next picture. */
  decide(action: ReviewAction): Promise<void> {
    if (this.#waiting) return this.#waiting.then(() => this.decide(action));
    return this.#apply(action, this.#around.review.target);
  }

  #apply(action: ReviewAction, ranges: Ranges): Promise<void> {
    const { review, language, toasts } = this.#around;
    const datasetId = review.datasetId;
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

    const name =
      action.kind === 'label' || action.kind === 'toggle' ? this.#around.categoryName(action.categoryId) : null;
    const isFocused = size === 1 && contains(ranges, review.focus);
    const known = isFocused ? review.detail : null;
    const settle = review.rows.edit((row, index) =>
      contains(ranges, index) ? decidedRow(row, action, name, known) : row,
    );
    const annotations = known && toggledAnnotations(known.annotations, action, name);
    if (annotations) review.details.edit(known.id, (detail) => ({ ...detail, annotations }));
    const from = review.focus + 1;

    const done = this.#inOrder(async () => {
      // Of all when they are too many to name.
      let decided: number[] | undefined;
      try {
        if (!wholeView) decided = await ids;
        const target: ReviewTarget = decided ? { imageIds: decided } : { viewId };
        const result = await call('review.decide', { datasetId, target, action });
        this.#tell(result, size);
        const decides = ['accept', 'label', 'label-name'].includes(action.kind) && result.changed > 0;
        if (size === 1 && focused && decides) this.#around.labeled(focused.id);
      } finally {
        review.details.expire(decided);
        settle();
        // What cannot be known beforehand shows as soon as the engine has said it.
        if (size > 1) review.rows.refresh();
        review.details.prefetch(review.focused?.id);
      }
    });
    if (isFocused && finishing.has(action.kind)) this.#advance(from);
    return done;
  }

  /** Go on from this place, as the person wants it after a decision. */
  #advance(from: number): void {
    const { review, toasts, language, autoAdvance } = this.#around;
    const mode = autoAdvance();
    if (mode === 'off') return;
    if (mode === 'next') {
      review.focusAt(Math.min(from, review.total - 1));
      return;
    }
    for (let index = from; index < review.total; index++) {
      const row = review.rows.at(index);
      if (!row) break;
      if (row.review === 'unreviewed') {
        review.focusAt(index);
        return;
      }
    }
    // Beyond the rows at hand only the engine knows, once it has the decision; keys wait for the picture they are about.
    void this.#hold(
      this.#inOrder(async () => {
        if (!(await review.nextUnreviewed())) toasts.show(language.text.toast.allReviewed);
      }),
    );
  }

  /** Keys pressed until `work` is done are about the picture that is in focus then. */
  #hold(work: Promise<void>): Promise<void> {
    const waiting = work.finally(() => {
      if (this.#waiting === waiting) this.#waiting = null;
    });
    this.#waiting = waiting;
    return waiting;
  }

  /** Take the prediction with this digit of the picture in focus, 1-based. */
  choose(digit: number): Promise<void> {
    if (this.#waiting) return this.#waiting.then(() => this.choose(digit));
    const { review, toasts, language, onError } = this.#around;
    const row = review.focused;
    if (!row) return Promise.resolve();
    const ranges = review.target;
    const take = ({ predictions }: ImageDetail): Promise<void> => {
      const prediction = predictions[digit - 1];
      if (prediction) return this.#apply(this.#labeling(prediction.categoryId), ranges);
      toasts.show(language.text.toast.noSuchPrediction(digit));
      return Promise.resolve();
    };
    const known = review.details.get(row.id);
    if (known) return take(known);
    return this.#hold(review.details.fetch(row.id).then((detail) => void take(detail), onError));
  }

  /** Label with a category; where pictures may have several, put it beside the others or take it away. */
  take(categoryId: number): Promise<void> {
    return this.decide(this.#labeling(categoryId));
  }

  #labeling(categoryId: number): ReviewAction {
    return { kind: this.#around.multiLabel() ? 'toggle' : 'label', categoryId };
  }

  /** Write about the selection, else the picture in focus now: it was there when the words were typed. */
  write(note: string): Promise<void> {
    return this.#apply({ kind: 'note', note }, this.#around.review.target);
  }

  /** Put the flag on the selection, or take it off when the picture in focus has it. */
  toggleFlag(): Promise<void> {
    if (this.#waiting) return this.#waiting.then(() => this.toggleFlag());
    const { focused } = this.#around.review;
    return focused ? this.decide({ kind: 'flag', on: !focused.flagged }) : Promise.resolve();
  }

  /** Accept what nobody has reviewed yet from one place up to another (exclusive), as one step. */
  acceptUnreviewed(places: () => { from: number; to: number }): Promise<void> {
    if (this.#waiting) return this.#waiting.then(() => this.acceptUnreviewed(places));
    const { review, toasts, language } = this.#around;
    const { from, to } = places();
    let ranges = nothing;
    for (let index = from; index < to; index++) {
      const row = review.rows.at(index);
      if (row?.review === 'unreviewed' && row.label !== null) ranges = union(ranges, range(index, index + 1));
    }
    if (count(ranges) === 0) {
      toasts.show(language.text.toast.nothingLeftToAccept);
      return Promise.resolve();
    }
    const done = this.#apply({ kind: 'accept' }, ranges);
    this.#advance(to);
    return done;
  }

  /** Labels of another tool were taken over: show them, and say how to take them back. */
  imported(result: DecisionResult): void {
    const { review, toasts, language } = this.#around;
    review.details.expire();
    review.rows.refresh();
    review.details.prefetch(review.focused?.id);
    if (result.changed === 0) toasts.show(language.text.toast.nothingToChange);
    else this.#tell(result, Infinity);
  }

  undo(): Promise<void> {
    return this.#step('review.undo');
  }

  redo(): Promise<void> {
    return this.#step('review.redo');
  }

  #step(name: 'review.undo' | 'review.redo'): Promise<void> {
    if (this.#waiting) return this.#waiting.then(() => this.#step(name));
    const { review, toasts, language } = this.#around;
    const datasetId = review.datasetId;
    if (datasetId === null) return Promise.resolve();
    this.#around.stepped();
    const step = this.#inOrder(async () => {
      const { kind, changed, imageIds } = await call(name, { datasetId });
      const { toast } = language.text;
      if (kind === null) {
        toasts.show(name === 'review.undo' ? toast.nothingToUndo : toast.nothingToRedo);
        return;
      }
      review.details.expire();
      review.rows.refresh();
      toasts.show((name === 'review.undo' ? toast.undone : toast.redone)(changed));
      if (imageIds[0] !== undefined) await review.goTo(imageIds[0]);
      review.details.prefetch(review.focused?.id);
    });
    return this.#hold(step);
  }

  #tell({ kind, changed, category }: DecisionResult, size: number): void {
    const { toasts, language } = this.#around;
    const { toast, action } = language.text;
    if (kind === null || changed === 0) {
      toasts.announce(kind === 'accept' || kind === null ? toast.nothingToAccept : toast.nothingToChange);
      return;
    }
    const text = this.#sentence(kind, changed, category ?? '');
    // One picture shows its own change; a message for each would only distract.
    if (size === 1) toasts.announce(text);
    else toasts.show(text, { label: action.undo, run: () => void this.undo() });
  }

  #sentence(kind: StepKind, changed: number, category: string): string {
    const { toast } = this.#around.language.text;
    switch (kind) {
      case 'label':
      case 'label-name':
        return toast.label(changed, category);
      case 'toggle':
      case 'toggle-name':
        return toast.toggle(changed, category);
      case 'move':
        return toast.move(changed, category);
      case 'category-made':
      case 'category-changed':
      case 'category-merged':
        return toast[kind](category);
      default:
        return toast[kind](changed);
    }
  }

  #inOrder(work: () => Promise<void>): Promise<void> {
    const result = this.#queue.then(work).catch(this.#around.onError);
    this.#queue = result;
    return result;
  }
}
