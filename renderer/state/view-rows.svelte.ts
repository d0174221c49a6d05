/** @file The rows of the open view, fetched page by page as they come into sight. */
import type { ImageRow } from '#core/image.ts';
import { call } from '../api.ts';
import { PageCache } from './page-cache.ts';
import { places, type Ranges } from './selection.ts';
import { throttle } from './throttle.ts';

const parallelRequests = 2;
const chunkSize = 500;

export class ViewRows {
  #cache = new PageCache<ImageRow>();
  /** Read with every row, so that whoever shows rows sees them change. */
  #version = $state(0);
  #viewId = 0;
  #total = 0;
  #wanted: number[] = [];
  #inFlight = new Set<number>();
  /** Decisions on their way: what the engine answers meanwhile may be older than what is shown. */
  #editing = 0;
  #edits = 0;
  /** What was asked for before the newest one is shown, but asked for again. */
  #expiries = 0;
  #expireSoon = throttle(() => this.refresh(), 300);

  reset(viewId: number, total: number): void {
    this.#cache = new PageCache<ImageRow>();
    this.#viewId = viewId;
    this.#total = total;
    this.#inFlight = new Set();
    this.#wanted = [];
    this.#version++;
  }

  at(index: number): ImageRow | undefined {
    void this.#version;
    return this.#cache.row(index);
  }

  /** Say which rows are on the screen; only these are fetched, so a long drag of the scroll bar asks for little. */
  want(from: number, to: number): void {
    this.#wanted = this.#cache.pagesOf(from, Math.min(to, this.#total));
    for (const page of this.#wanted) this.#cache.touch(page);
    this.#pump();
  }

  /** Fetch what is on the screen again soon; it stays in its place meanwhile. */
  expire(): void {
    this.#expireSoon();
  }

  /** Fetch what is on the screen again now. */
  refresh(): void {
    this.#expiries++;
    this.#cache.expire();
    this.#pump();
  }

  /** Show a change at once. @returns the function to call when the engine has answered */
  edit(change: (row: ImageRow, index: number) => ImageRow): () => void {
    this.#cache.update(change);
    this.#version++;
    this.#editing++;
    this.#edits++;
    return () => {
      this.#editing--;
      this.#edits++;
      this.expire();
    };
  }

  /** Ids of pictures at these places, fetched where they are not at hand. */
  async ids(ranges: Ranges): Promise<number[]> {
    const viewId = this.#viewId;
    const ids: number[] = [];
    for (const { from, to } of ranges) {
      for (let start = from; start < to; start += chunkSize) {
        const end = Math.min(to, start + chunkSize);
        const known = [...places([{ from: start, to: end }])].map((index) => this.#cache.row(index)?.id);
        if (known.every((id) => id !== undefined)) ids.push(...known);
        else ids.push(...(await call('view.rows', { viewId, from: start, count: end - start })).map(({ id }) => id));
      }
    }
    return ids;
  }

  #pump(): void {
    for (const page of this.#wanted) {
      if (this.#inFlight.size >= parallelRequests) return;
      if (this.#inFlight.has(page) || !this.#cache.needs(page)) continue;
      if (this.#editing > 0 && this.#cache.has(page)) continue;
      void this.#fetch(page);
    }
  }

  async #fetch(page: number): Promise<void> {
    const { pageSize } = this.#cache;
    const cache = this.#cache;
    const inFlight = this.#inFlight;
    const edits = this.#edits;
    const expiries = this.#expiries;
    inFlight.add(page);
    let failed = false;
    try {
      const rows = await call('view.rows', { viewId: this.#viewId, from: page * pageSize, count: pageSize });
      if (cache !== this.#cache) return;
      if (edits === this.#edits || !cache.has(page)) {
        // Rows that are as they were stay the same object, so that nothing of them is drawn again.
        const kept = rows.map((row, offset) => unlessSame(cache.row(page * pageSize + offset), row));
        cache.put(page, kept, edits !== this.#edits || expiries !== this.#expiries);
        this.#version++;
      }
    } catch {
      // The engine is restarting or the view is gone; the next look at this place asks again.
      failed = true;
    } finally {
      inFlight.delete(page);
      if (!failed && cache === this.#cache) this.#pump();
    }
  }
}

/** The row that is there already when nothing of it changed. */
function unlessSame(before: ImageRow | undefined, row: ImageRow): ImageRow {
  return before && JSON.stringify(before) === JSON.stringify(row) ? before : row;
}
