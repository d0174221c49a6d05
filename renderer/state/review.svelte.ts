/** @file The open view of a dataset: filter, order, focus, selection. */
import type { DatasetSummary } from '#core/dataset.ts';
import type { ImageFilter, ImageSort } from '#core/image-filter.ts';
import type { ImageRow, ReviewState as Reviewed } from '#core/image.ts';
import { call, thumbnailUrl } from '../api.ts';
import { Details } from './details.svelte.ts';
import { moveFocus, type Direction } from './grid-geometry.ts';
import { contains, count, nothing, range, span, toggle, union, type Ranges } from './selection.ts';
import { throttle } from './throttle.ts';
import { ViewRows } from './view-rows.svelte.ts';
import { isFiltered, viewSignature } from './view-signature.ts';

export class ReviewState {
  readonly rows = new ViewRows();
  readonly details = new Details();

  #filter = $state.raw<ImageFilter>({});
  #sort = $state.raw<ImageSort>({ key: 'name', descending: false });
  #viewId = $state(0);
  #total = $state(0);
  #datasetId = $state<number | null>(null);
  #opening = $state(false);
  #focus = $state(-1);
  #anchor = -1;
  #selection = $state.raw<Ranges>(nothing);
  #loupe = $state(false);
  #stale = $state(false);
  /** Whether the person has begun to work in this list; from then on it only changes when asked. */
  #touched = false;
  #signature = '';
  #dataset: () => DatasetSummary | null;
  #learned: () => number;
  #onError: (thrown: unknown) => void;
  /** Of the grid on the screen, for moving up and down. */
  columns = 1;
  pageRows = 1;
  /** Places wholly on the screen; `to` is exclusive. */
  visible = { from: 0, to: 0 };
  #refreshUntouched = throttle(() => void this.reopen(true), 1000);

  readonly focused = $derived(this.#focus < 0 ? undefined : this.rows.at(this.#focus));
  readonly detail = $derived(this.details.get(this.focused?.id));
  readonly selectedCount = $derived(count(this.#selection));
  readonly filtered = $derived(isFiltered(this.#filter));

  constructor(options: {
    dataset: () => DatasetSummary | null;
    /** Version of the head whose predictions count. */
    learned: () => number;
    onError: (thrown: unknown) => void;
  }) {
    this.#dataset = options.dataset;
    this.#learned = options.learned;
    this.#onError = options.onError;
  }

  get filter() {
    return this.#filter;
  }
  get sort() {
    return this.#sort;
  }
  get viewId() {
    return this.#viewId;
  }
  get datasetId() {
    return this.#datasetId;
  }
  get total() {
    return this.#total;
  }
  get opening() {
    return this.#opening;
  }
  get focus() {
    return this.#focus;
  }
  get selection() {
    return this.#selection;
  }
  get loupe() {
    return this.#loupe;
  }
  /** The filter or order would now give another list. */
  get stale() {
    return this.#stale;
  }

  /** Open a dataset with an empty filter. */
  async openDataset(datasetId: number): Promise<void> {
    if (datasetId === this.#datasetId) return;
    this.#datasetId = datasetId;
    this.#filter = {};
    this.#loupe = false;
    this.details.forget();
    this.#total = 0;
    await this.reopen(false);
  }

  setSort(sort: ImageSort): void {
    this.#sort = sort;
    void this.reopen(true);
  }

  /** Change a part of the filter; `undefined` takes the part out. */
  setFilter(patch: ImageFilter): void {
    const entries = Object.entries({ ...this.#filter, ...patch });
    this.#filter = Object.fromEntries(
      entries.filter(([, value]) => value !== undefined && value !== '' && !(Array.isArray(value) && !value.length)),
    );
    void this.reopen(false);
  }

  toggleReview(state: Reviewed, add: boolean): void {
    const chosen = this.#filter.review ?? [];
    const has = chosen.includes(state);
    const others = add ? chosen.filter((other) => other !== state) : [];
    this.setFilter({ review: has && (add || chosen.length === 1) ? others : [...others, state], status: undefined });
  }

  clearFilter(): void {
    this.#filter = {};
    void this.reopen(true);
  }

  /** Make the list anew. @param keepFocus go on at the same picture when it is still there */
  async reopen(keepFocus: boolean): Promise<void> {
    const datasetId = this.#datasetId;
    if (datasetId === null) return;
    const [filter, sort] = [this.#filter, this.#sort];
    const kept = keepFocus ? this.focused?.id : undefined;
    const dataset = this.#dataset();
    this.#opening = true;
    try {
      const { viewId, total } = await call('view.open', { datasetId, filter, sort });
      if (filter !== this.#filter || sort !== this.#sort || datasetId !== this.#datasetId) return;
      const index = kept === undefined ? -1 : (await call('view.locate', { viewId, imageId: kept })).index;
      if (filter !== this.#filter || sort !== this.#sort || datasetId !== this.#datasetId) return;
      this.#viewId = viewId;
      this.#total = total;
      this.rows.reset(viewId, total);
      this.#focus = index >= 0 ? index : total > 0 ? 0 : -1;
      this.#anchor = this.#focus;
      this.#selection = nothing;
      this.#stale = false;
      this.#touched = false;
      if (total === 0) this.#loupe = false;
      this.#signature = dataset ? viewSignature(dataset, filter, sort, this.#learned()) : '';
    } catch (thrown) {
      this.#onError(thrown);
    } finally {
      this.#opening = false;
    }
  }

  /** Results or counts changed: show them in place; move pictures only where nobody is at work. */
  refreshInPlace(): void {
    const dataset = this.#dataset();
    if (!dataset || dataset.id !== this.#datasetId || this.#opening) return;
    this.rows.expire();
    this.details.expire();
    this.details.prefetch(this.focused?.id);
    if (viewSignature(dataset, this.#filter, this.#sort, this.#learned()) === this.#signature) return;
    if (this.#total === 0 || !this.#touched) this.#refreshUntouched();
    else this.#stale = true;
  }

  touch(): void {
    this.#touched = true;
  }

  /** Fetch what a picture in focus needs, and what its neighbours will. */
  async lookAhead(): Promise<void> {
    const index = this.#focus;
    if (this.#loupe) this.rows.want(index - 20, index + 21);
    const id = this.focused?.id;
    if (id === undefined) return;
    try {
      await this.details.fetch(id);
    } catch {
      return;
    }
    if (index !== this.#focus) return;
    for (const next of [index + 1, index + 2, index - 1]) {
      const row = this.rows.at(next);
      if (!row) continue;
      // What was just decided is asked for again when somebody comes back to it.
      if (next > index || !this.details.has(row.id)) this.details.prefetch(row.id);
      if (this.#loupe && row.status !== 'failed') void preload(row);
    }
  }

  move(direction: Direction, extend = false): void {
    this.touch();
    const columns = this.#loupe ? 1 : this.columns;
    this.focusAt(moveFocus(this.#focus, direction, columns, this.#total, this.pageRows), extend);
  }

  /** @param extend  select from the anchor up to here */
  focusAt(index: number, extend = false): void {
    if (index < 0 || index >= this.#total) return;
    this.#focus = index;
    if (extend) {
      this.#selection = span(this.#anchor < 0 ? index : this.#anchor, index);
    } else {
      this.#anchor = index;
      this.#selection = nothing;
    }
  }

  click(index: number, keys: { extend: boolean; toggle: boolean }): void {
    this.touch();
    if (keys.toggle) {
      // The first Ctrl+click adds to what was in focus, as file lists do.
      const base = this.selectedCount > 0 || this.#focus < 0 ? this.#selection : range(this.#focus, this.#focus + 1);
      this.#selection = this.#focus === index && this.selectedCount === 0 ? base : toggle(base, index);
      this.#focus = index;
      this.#anchor = index;
    } else if (keys.extend) {
      this.focusAt(index, true);
    } else {
      this.focusAt(index);
    }
  }

  selectAll(): void {
    this.touch();
    this.#selection = range(0, this.#total);
  }

  clearSelection(): void {
    this.#selection = nothing;
    this.#anchor = this.#focus;
  }

  isSelected(index: number): boolean {
    return contains(this.#selection, index) || (this.#selection.length === 0 && index === this.#focus);
  }

  /** Places of the row of the grid that the focus is in; `to` is exclusive. */
  get focusedRow(): { from: number; to: number } {
    if (this.#focus < 0) return { from: 0, to: 0 };
    const columns = this.#loupe ? 1 : this.columns;
    const from = this.#focus - (this.#focus % columns);
    return { from, to: Math.min(from + columns, this.#total) };
  }

  /** Places a decision applies to: the selection, else the picture in focus. */
  get target(): Ranges {
    if (this.selectedCount > 0) return union(this.#selection, nothing);
    return this.#focus < 0 ? nothing : range(this.#focus, this.#focus + 1);
  }

  setLoupe(open: boolean): void {
    this.touch();
    this.#loupe = open && this.#focus >= 0;
    if (this.#loupe) this.clearSelection();
  }

  async nextUnreviewed(): Promise<boolean> {
    this.touch();
    if (this.#total === 0) return false;
    const from = (this.#focus + 1) % this.#total;
    const { index } = await call('view.next-unreviewed', { viewId: this.#viewId, from });
    if (index >= 0) this.focusAt(index);
    return index >= 0;
  }

  /** Go to a picture when this list has it. */
  async goTo(imageId: number): Promise<void> {
    const { index } = await call('view.locate', { viewId: this.#viewId, imageId });
    if (index >= 0) this.focusAt(index);
  }
}

async function preload(row: ImageRow): Promise<void> {
  const picture = new Image();
  picture.src = thumbnailUrl(row, 'l');
  await picture.decode().catch(() => undefined);
}
