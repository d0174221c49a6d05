/** @file The figures of one dataset for the insights screen. */
import type { Insights } from '#core/insights.ts';
import { call } from '../api.ts';

export class InsightsState {
  #onError: (thrown: unknown) => void;
  #datasetId: number | null = null;
  #figures = $state.raw<Insights | null>(null);
  #asked = 0;

  constructor(onError: (thrown: unknown) => void) {
    this.#onError = onError;
  }

  /** Null until they are there. */
  get figures() {
    return this.#figures;
  }

  /** Ask for the figures of this dataset; what is shown stays until the answer is there, unless it is of another one. */
  async load(datasetId: number): Promise<void> {
    const asked = ++this.#asked;
    if (datasetId !== this.#datasetId) this.#figures = null;
    this.#datasetId = datasetId;
    try {
      const utcOffsetMinutes = -new Date().getTimezoneOffset();
      const figures = await call('insights.get', { datasetId, utcOffsetMinutes });
      if (asked === this.#asked) this.#figures = figures;
    } catch (thrown) {
      if (asked === this.#asked) this.#onError(thrown);
    }
  }
}
