/** @file The models there are, which of them new runs use, and how fast they are on this machine. */
import { AppError } from '#core/errors.ts';
import type { Model } from '#core/model.ts';
import { call, on } from '../api.ts';

interface Options {
  /** What the settings say; null lets the app choose. */
  chosenId: () => string | null;
  choose: (modelId: string | null) => Promise<void>;
}

export class ModelsState {
  #options: Options;
  #all = $state.raw<Model[]>([]);
  #measuringId = $state<string | null>(null);
  /** Why measuring failed, by model. */
  #failures = $state.raw<ReadonlyMap<string, string>>(new Map());

  /** The one that new runs use. */
  readonly used: Model | null = $derived.by(() => {
    const chosenId = this.#options.chosenId();
    const usable = this.#all.filter(({ problem }) => problem === null);
    return usable.find(({ id }) => id === chosenId) ?? usable[0] ?? null;
  });

  /** What a run is to take: the one chosen, unless it is known to be gone or broken. */
  get runId(): string | null {
    return this.#all.length > 0 ? (this.used?.id ?? null) : this.#options.chosenId();
  }

  constructor(options: Options) {
    this.#options = options;
  }

  get all() {
    return this.#all;
  }

  /** The model, or the entry of the catalogue, whose speed is being measured. */
  get measuringId() {
    return this.#measuringId;
  }

  measuringFailure(modelId: string): string | null {
    return this.#failures.get(modelId) ?? null;
  }

  find(modelId: string | null): Model | null {
    return this.#all.find(({ id }) => id === modelId) ?? null;
  }

  /** @returns the function that stops following */
  follow(): () => void {
    return on('models.changed', () => void this.load().catch(() => undefined));
  }

  async load(): Promise<void> {
    this.#all = await call('models.list', {});
  }

  use(modelId: string): Promise<void> {
    return this.#options.choose(modelId);
  }

  async rename(modelId: string, title: string): Promise<void> {
    // Shown at once; the answer decides.
    this.#all = this.#all.map((model) => (model.id === modelId ? { ...model, title } : model));
    try {
      await call('models.rename', { modelId, title });
    } finally {
      await this.load();
    }
  }

  /** Label with the fast form, or not; shown at once, the answer decides. */
  async useFast(modelId: string, use: boolean): Promise<void> {
    this.#all = this.#all.map((model) =>
      model.id === modelId && model.fast
        ? { ...model, fast: { ...model.fast, inUse: use, unusedBecause: use ? null : 'switched-off' } }
        : model,
    );
    try {
      await call('models.use-fast', { modelId, use });
    } finally {
      await this.load();
    }
  }

  async remove(modelId: string): Promise<void> {
    await call('models.remove', { modelId });
    // A run cannot start with a model that has gone.
    if (this.#options.chosenId() === modelId) await this.#options.choose(null);
    await this.load();
  }

  /** One at a time: two would slow each other down. */
  async measure(modelId: string): Promise<void> {
    if (this.#measuringId !== null) return;
    this.#measuringId = modelId;
    this.#setFailure(modelId, null);
    try {
      await call('models.measure', { modelId });
      await this.load();
    } catch (thrown) {
      const { code, message } = AppError.from(thrown);
      if (code !== 'aborted') this.#setFailure(modelId, message);
    } finally {
      this.#measuringId = null;
    }
  }

  async stopMeasuring(): Promise<void> {
    await call('models.measure-cancel', {});
  }

  #setFailure(modelId: string, message: string | null): void {
    const failures = new Map(this.#failures);
    if (message === null) failures.delete(modelId);
    else failures.set(modelId, message);
    this.#failures = failures;
  }
}
