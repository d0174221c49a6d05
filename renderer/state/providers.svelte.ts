/** @file Where models can run on this machine, and why not elsewhere. */
import type { ProviderState } from '#core/providers.ts';
import { call } from '../api.ts';

export class ProvidersState {
  #all = $state.raw<ProviderState[]>([]);
  #probing = $state(false);

  get all() {
    return this.#all;
  }

  get probing() {
    return this.#probing;
  }

  async load(): Promise<void> {
    this.#all = await call('providers.list', {});
  }

  /** Run a model on each of them. @throws {AppError} */
  async probe(modelId: string | null): Promise<void> {
    if (this.#probing) return;
    this.#probing = true;
    try {
      this.#all = await call('providers.probe', { modelId });
    } finally {
      this.#probing = false;
    }
  }
}
