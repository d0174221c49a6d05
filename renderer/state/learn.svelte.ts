/** @file What was learned in the open dataset, how far learning is, and the queues that come of it. */
import type { ImageSort, QueueKey, SortKey } from '#core/image-filter.ts';
import type { LearnMode, LearnState, SampleEstimate } from '#core/learn.ts';
import { call, on } from '../api.ts';
import type { AppState } from './app.svelte.ts';
import { Explain } from './explain.svelte.ts';
import { Spread } from './spread.svelte.ts';
import { throttle } from './throttle.ts';

export class Learning {
  readonly explain: Explain;
  readonly spread: Spread;
  #app: AppState;
  #state = $state.raw<LearnState | null>(null);
  #estimate = $state.raw<SampleEstimate | null>(null);
  /** Name of the picture that others are similar to. */
  #similarTo = $state('');
  /** The order to come back to from 'similar'. */
  #orderBefore: ImageSort = { key: 'name', descending: false };
  #askEstimate = throttle(() => void this.#loadEstimate(), 300);
  orderOpen = $state(false);

  constructor(app: AppState) {
    this.#app = app;
    this.explain = new Explain(app);
    this.spread = new Spread(app);
  }

  /** Of the open dataset; null until it is known. */
  get state(): LearnState | null {
    return this.#state?.datasetId === this.#app.library.currentId ? this.#state : null;
  }

  get estimate() {
    return this.#estimate;
  }

  get similarTo() {
    return this.#similarTo;
  }

  /** Changes when other predictions count. */
  get version(): number {
    return this.state?.head?.runId ?? 0;
  }

  /** @returns the function that stops following */
  follow(): () => void {
    return on('learn.changed', (state) => {
      if (state.datasetId === this.#app.library.currentId) this.#take(state);
    });
  }

  async load(datasetId: number): Promise<void> {
    try {
      this.#take(await call('learn.state', { datasetId }));
    } catch {
      // Told of again with 'learn.changed'; without it nothing is learned, which is what is shown.
    }
  }

  setMode(learn: LearnMode): Promise<void> {
    return this.#app.attempt(async () => {
      const datasetId = this.#app.library.currentId;
      if (datasetId === null) return;
      await call('datasets.configure', { datasetId, learn });
      await this.load(datasetId);
    });
  }

  /** @param runId  a version of the head; null: the model alone */
  revert(runId: number | null): Promise<void> {
    return this.#app.attempt(async () => {
      const datasetId = this.#app.library.currentId;
      if (datasetId !== null) this.#take(await call('learn.revert', { datasetId, runId }));
    });
  }

  learnNow(): Promise<void> {
    return this.#app.attempt(async () => {
      const datasetId = this.#app.library.currentId;
      if (datasetId !== null) this.#take(await call('learn.now', { datasetId }));
    });
  }

  chooseOrder(key: SortKey): void {
    // Scores are read from the best down and dates from the newest on; a queue has one direction.
    this.#app.review.setSort({ key, descending: key === 'score' || key === 'date' });
    this.orderOpen = false;
    void this.#app.focusField('grid');
  }

  /** Order everything by how much it is like the picture in focus. */
  openSimilar(): void {
    const { review } = this.#app;
    const row = review.focused;
    if (!row) return;
    if (review.sort.key !== 'similar') this.#orderBefore = review.sort;
    this.#similarTo = row.name;
    if (review.loupe) review.setLoupe(false);
    review.setSort({ key: 'similar', descending: false, imageId: row.id });
  }

  leaveSimilar(): void {
    this.#app.review.setSort(this.#orderBefore);
    void this.#app.focusField('grid');
  }

  /** Counts changed: ask how the sample stands, when it is what is looked at. */
  refreshEstimate(): void {
    if (this.#app.review.sort.key === 'random') this.#askEstimate();
  }

  async #loadEstimate(): Promise<void> {
    const datasetId = this.#app.library.currentId;
    if (datasetId === null) return;
    try {
      const estimate = await call('sample.estimate', { datasetId });
      if (datasetId === this.#app.library.currentId) this.#estimate = estimate;
    } catch {
      // The next decision asks again.
    }
  }

  #take(state: LearnState): void {
    const before = this.version;
    const { problem } = state;
    if (problem !== null && problem !== this.state?.problem) {
      const { language, toasts } = this.#app;
      toasts.error(language.text.toast.learnFailed(language.error(problem)));
    }
    this.#state = state;
    if (this.version === before) return;
    this.explain.forget();
    this.#app.review.refreshInPlace();
  }
}

/** Orders that have one direction only. */
export function isQueue(key: SortKey): key is QueueKey {
  return !['name', 'date', 'score', 'uncertainty'].includes(key);
}
