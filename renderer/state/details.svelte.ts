/** @file Everything about the picture in focus, fetched ahead for its neighbours. */
import type { ImageDetail } from '#core/image.ts';
import { call } from '../api.ts';

const capacity = 60;

export class Details {
  #items = $state.raw<ReadonlyMap<number, ImageDetail>>(new Map());
  #asked = new Map<number, Promise<ImageDetail>>();
  #stale = new Set<number>();
  /** Counts what makes answers on their way older than what is shown. */
  #expiries = 0;

  get(imageId: number | undefined): ImageDetail | null {
    return (imageId !== undefined && this.#items.get(imageId)) || null;
  }

  /** The detail, from memory or the engine. @throws {AppError} */
  fetch(imageId: number): Promise<ImageDetail> {
    const known = this.#items.get(imageId);
    if (known && !this.#stale.has(imageId)) return Promise.resolve(known);
    const asked = this.#asked.get(imageId);
    if (asked) return asked;
    const expiries = this.#expiries;
    const answer = call('image.get', { imageId });
    this.#asked.set(imageId, answer);
    const done = () => {
      if (this.#asked.get(imageId) === answer) this.#asked.delete(imageId);
    };
    answer.then(done, done);
    return answer.then((detail) => {
      const isOld = expiries !== this.#expiries;
      if (isOld && this.#items.has(imageId)) return detail;
      if (isOld) this.#stale.add(imageId);
      else this.#stale.delete(imageId);
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

  /** Show a change at once; the engine is asked when this expires. */
  edit(imageId: number, change: (detail: ImageDetail) => ImageDetail): void {
    const known = this.#items.get(imageId);
    if (!known) return;
    this.#items = new Map(this.#items).set(imageId, change(known));
    this.#expiries++;
    this.#asked.clear();
  }

  /** What is known is shown on, but asked for again. */
  expire(): void {
    for (const id of this.#items.keys()) this.#stale.add(id);
    this.#expiries++;
    this.#asked.clear();
  }

  forget(): void {
    this.#items = new Map();
    this.#expiries++;
    this.#asked.clear();
    this.#stale.clear();
  }
}
