/** @file How the picture in the loupe is looked at: how near, which part, turned which way. */
import type { Direction } from './grid-geometry.ts';
import type { ReviewState } from './review.svelte.ts';
import { fitted, fittedSize, pan, turned, zoomAt, type Zoom } from './zoom.ts';

/** Of the stage, for one press of an arrow. */
const step = 0.15;
const arrows: Partial<Record<Direction, readonly [number, number]>> = {
  left: [1, 0],
  right: [-1, 0],
  up: [0, 1],
  down: [0, -1],
};

export class LoupeView {
  #review: ReviewState;
  #view = $state.raw<{ id: number | undefined; zoom: Zoom }>({ id: undefined, zoom: fitted });
  /** Quarters to the right of each picture that was turned, as long as the app runs; its file stays as it is. */
  #turns = $state.raw<ReadonlyMap<number, number>>(new Map());
  /** Of the stage, in pixels. */
  width = $state(0);
  height = $state(0);

  readonly readable = $derived.by(() => {
    const { focused } = this.#review;
    return focused !== undefined && focused.status !== 'failed' && focused.status !== 'missing';
  });
  /** Another picture begins fitted. */
  readonly zoom = $derived.by(() => (this.#view.id === this.#review.focused?.id ? this.#view.zoom : fitted));
  readonly turns = $derived.by(() => this.#turns.get(this.#review.focused?.id ?? -1) ?? 0);

  constructor(review: ReviewState) {
    this.#review = review;
  }

  get zoomed() {
    return this.zoom.scale > 1;
  }

  /** @returns false when there is no picture to zoom */
  zoomBy(factor: number, x = 0, y = 0): boolean {
    if (!this.#review.loupe || !this.readable) return false;
    this.#show(zoomAt(this.zoom, factor, x, y));
    return true;
  }

  /** @returns false when there is no picture to fit */
  fit(): boolean {
    if (!this.#review.loupe) return false;
    this.#show(fitted);
    return true;
  }

  move(dx: number, dy: number): void {
    this.#show(this.zoom, dx, dy);
  }

  /** Look further into one direction. @returns false when the picture is shown whole, or the direction is none of a picture */
  look(direction: Direction): boolean {
    const arrow = arrows[direction];
    if (!this.#review.loupe || !this.zoomed || !arrow) return false;
    this.move(arrow[0] * step * this.width, arrow[1] * step * this.height);
    return true;
  }

  /** @returns false when there is no picture to turn */
  turn(by: 1 | -1): boolean {
    const id = this.#review.focused?.id;
    if (!this.#review.loupe || !this.readable || id === undefined) return false;
    this.#turns = new Map(this.#turns).set(id, turned(this.turns, by));
    this.#show(fitted);
    return true;
  }

  #show(zoom: Zoom, dx = 0, dy = 0): void {
    const { focused, detail } = this.#review;
    const stage = { width: this.width, height: this.height };
    const ratio = detail?.width && detail.height ? detail.width / detail.height : null;
    this.#view = { id: focused?.id, zoom: pan(zoom, dx, dy, stage, fittedSize(stage, ratio, this.turns)) };
  }
}
