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
    const answer = call('image.get', { imageId });
    this.#asked.set(imageId, answer);
    /** @returns false when what is shown changed after this was asked for */
    const arrived = () => this.#asked.get(imageId) === answer && this.#asked.delete(imageId);
    answer.catch(arrived);
    return answer.then((detail) => {
      const isOld = !arrived();
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
    this.#asked.delete(imageId);
  }

  /** What is known is shown on, but asked for again. @param imageIds  of these alone */
  expire(imageIds: readonly number[] = [...this.#items.keys(), ...this.#asked.keys()]): void {
    for (const id of imageIds) {
      if (this.#items.has(id)) this.#stale.add(id);
      this.#asked.delete(id);
    }
  }

  /** Something is shown, even if it may be old. */
  has(imageId: number): boolean {
    return this.#items.has(imageId);
  }

  forget(): void {
    this.#items = new Map();
    this.#asked.clear();
    this.#stale.clear();
  }
}
