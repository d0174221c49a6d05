/** @file Two models side by side on one dataset. */
import type { CallOutput } from '#contract/calls.ts';
import type { ModelComparison } from '#core/model.ts';
import { call } from '../api.ts';

type UsedModel = CallOutput<'models.used'>[number];

export class ComparisonState {
  #onError: (thrown: unknown) => void;
  #datasetId = $state<number | null>(null);
  #used = $state.raw<UsedModel[] | null>(null);
  #modelIds = $state.raw<[string, string] | null>(null);
  #result = $state.raw<ModelComparison | null>(null);
  #asked = 0;

  constructor(onError: (thrown: unknown) => void) {
    this.#onError = onError;
  }

  get datasetId() {
    return this.#datasetId;
  }

  /** Models with results on the dataset; null while they are looked for. */
  get used() {
    return this.#used;
  }

  get modelIds() {
    return this.#modelIds;
  }

  /** Null while it is computed. */
  get result() {
    return this.#result;
  }

  /** Choose a dataset; the two models used last there are compared at once. */
  async open(datasetId: number): Promise<void> {
    const asked = ++this.#asked;
    this.#datasetId = datasetId;
    this.#used = null;
    this.#modelIds = null;
    this.#result = null;
    try {
      const used = await call('models.used', { datasetId });
      if (asked !== this.#asked) return;
      this.#used = used;
      const [last, before] = used;
      // The one that was there first stands first.
      if (last && before) await this.compare([before.modelId, last.modelId]);
    } catch (thrown) {
      if (asked === this.#asked) this.#onError(thrown);
    }
  }

  /** Choose one of the two; choosing the other one swaps them. */
  choose(place: 0 | 1, modelId: string): Promise<void> {
    if (!this.#modelIds) return Promise.resolve();
    const [first, second] = this.#modelIds;
    const other = place === 0 ? second : first;
    const displaced = place === 0 ? first : second;
    const partner = other === modelId ? displaced : other;
    return this.compare(place === 0 ? [modelId, partner] : [partner, modelId]);
  }

  async compare(modelIds: [string, string]): Promise<void> {
    const datasetId = this.#datasetId;
    if (datasetId === null) return;
    const asked = ++this.#asked;
    this.#modelIds = modelIds;
    this.#result = null;
    try {
      const result = await call('models.compare', { datasetId, modelIds });
      if (asked === this.#asked) this.#result = result;
    } catch (thrown) {
      if (asked === this.#asked) this.#onError(thrown);
    }
  }
}
