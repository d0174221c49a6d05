/** @file Everything about the picture in focus, fetched ahead for its neighbours. */
import type { ImageDetail } from '#core/image.ts';
import { call } from '../api.ts';

const capacity = 60;

export class Details {
  #items = $state.raw<ReadonlyMap<number, ImageDetail>>(new Map());
  #asked = new Map<number, Promise<ImageDetail>>();
  #stale = new Set<number>();

  get(imageId: number | undefined): ImageDetail | null {
    return (imageId !== undefined && this.#items.get(imageId)) || null;
  }

  /** The detail, from memory or the engine. @throws {AppError} */
  fetch(imageId: number): Promise<ImageDetail> {
    const known = this.#items.get(imageId);
    if (known && !this.#stale.has(imageId)) return Promise.resolve(known);
    const asked = this.#asked.get(imageId);
    if (asked) return asked;
    const answer = call('image.get', { imageId }).finally(() => this.#asked.delete(imageId));
    this.#asked.set(imageId, answer);
    return answer.then((detail) => {
      this.#stale.delete(imageId);
      const items = new Map(this.#items);
      items.delete(imageId);
      items.set(imageId, detail);
      for (const oldest of items.keys()) {
        if (items.size <= capacity) break;
        items.delete(oldest);
      }
      this.#items = items;
      return detail;
    });
  }

  /** Fetch ahead; a failure shows when the picture itself is asked for. */
  prefetch(imageId: number | undefined): void {
    if (imageId !== undefined) this.fetch(imageId).catch(() => undefined);
  }

  /** What is known is shown on, but asked for again. */
  expire(): void {
    for (const id of this.#items.keys()) this.#stale.add(id);
    this.#asked.clear();
  }

  forget(): void {
    this.#items = new Map();
    this.#asked.clear();
    this.#stale.clear();
  }
}
