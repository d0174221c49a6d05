/** @file Why a picture has its label: the map of evidence and the decided pictures most like it. */
import { AppError } from '#core/errors.ts';
import type { ImageDetail, ImageRow } from '#core/image.ts';
import type { ActivationMap } from '#core/learn.ts';
import { call } from '../api.ts';
import type { AppState } from './app.svelte.ts';

export type Neighbour = { row: ImageRow; similarity: number };

const kept = 40;
const nearestCount = 6;
/** Keys held down pass over pictures; nothing is asked for those. */
const restMs = 140;

export class Explain {
  #app: AppState;
  #maps = $state.raw<ReadonlyMap<string, ActivationMap | 'unsupported' | 'failed'>>(new Map());
  #nearest = $state.raw<ReadonlyMap<number, readonly Neighbour[]>>(new Map());
  #asked = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(app: AppState) {
    this.#app = app;
  }

  get shown(): boolean {
    return this.#app.settings.current.layout['why'] === true;
  }

  toggle(): void {
    this.#app.settings.setLayout('why', !this.shown);
  }

  /** The category that is asked about: the decided one, else the best prediction. */
  categoryOf(detail: ImageDetail | null): { id: number; name: string } | null {
    const chosen = detail?.annotations[0] ?? detail?.predictions[0];
    return chosen ? { id: chosen.categoryId, name: chosen.category } : null;
  }

  map(imageId: number, categoryId: number): ActivationMap | 'unsupported' | 'failed' | null {
    return this.#maps.get(`${imageId} ${categoryId}`) ?? null;
  }

  nearest(imageId: number): readonly Neighbour[] | null {
    return this.#nearest.get(imageId) ?? null;
  }

  async loadMap(imageId: number, categoryId: number): Promise<void> {
    const key = `${imageId} ${categoryId}`;
    if (this.#maps.has(key) || this.#asked.has(key)) return;
    this.#asked.add(key);
    try {
      this.#maps = keep(this.#maps, key, await call('image.activation', { imageId, categoryId }));
    } catch (thrown) {
      const { code } = AppError.from(thrown);
      this.#maps = keep(this.#maps, key, code === 'model.unsupported' ? 'unsupported' : 'failed');
    } finally {
      this.#asked.delete(key);
    }
  }

  /** Ask once the keys rest. */
  loadNearest(imageId: number): void {
    clearTimeout(this.#timer);
    if (this.#nearest.has(imageId)) return;
    this.#timer = setTimeout(() => void this.#fetchNearest(imageId), restMs);
  }

  /** Other predictions or decisions: ask again when next shown. */
  forget(): void {
    this.#maps = new Map();
    this.#nearest = new Map();
  }

  async #fetchNearest(imageId: number): Promise<void> {
    try {
      this.#nearest = keep(this.#nearest, imageId, await call('image.nearest', { imageId, limit: nearestCount }));
    } catch {
      // A picture without an embedding has no neighbours.
      this.#nearest = keep(this.#nearest, imageId, []);
    }
  }
}

function keep<Key, Value>(map: ReadonlyMap<Key, Value>, key: Key, value: Value): ReadonlyMap<Key, Value> {
  const next = new Map(map).set(key, value);
  for (const oldest of next.keys()) {
    if (next.size <= kept) break;
    next.delete(oldest);
  }
  return next;
}
