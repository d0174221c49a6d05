/** @file Rows of a long list in pages, the least recently used dropped first. */

export class PageCache<Row> {
  /** In order of use, oldest first. */
  readonly #pages = new Map<number, { rows: readonly Row[]; stale: boolean }>();
  readonly pageSize: number;
  readonly #capacity: number;

  /** @param capacity  pages kept */
  constructor(pageSize = 200, capacity = 60) {
    this.pageSize = pageSize;
    this.#capacity = capacity;
  }

  /** Pages that hold the rows from `from` up to `to` (exclusive). */
  pagesOf(from: number, to: number): number[] {
    const first = Math.floor(Math.max(0, from) / this.pageSize);
    const last = Math.floor(Math.max(0, to - 1) / this.pageSize);
    return to <= from ? [] : Array.from({ length: last - first + 1 }, (_, index) => first + index);
  }

  row(index: number): Row | undefined {
    return this.#pages.get(Math.floor(index / this.pageSize))?.rows[index % this.pageSize];
  }

  /** Whether the page must be fetched: never had, dropped, or out of date. */
  needs(page: number): boolean {
    return this.#pages.get(page)?.stale ?? true;
  }

  has(page: number): boolean {
    return this.#pages.has(page);
  }

  /** @param stale  already out of date: shown, but fetched again */
  put(page: number, rows: readonly Row[], stale = false): void {
    this.#pages.delete(page);
    this.#pages.set(page, { rows, stale });
    for (const oldest of this.#pages.keys()) {
      if (this.#pages.size <= this.#capacity) break;
      this.#pages.delete(oldest);
    }
  }

  /** Mark a page as used, so that it is kept. */
  touch(page: number): void {
    const entry = this.#pages.get(page);
    if (!entry) return;
    this.#pages.delete(page);
    this.#pages.set(page, entry);
  }

  /** Everything is shown on, but fetched again when next wanted. */
  expire(): void {
    for (const entry of this.#pages.values()) entry.stale = true;
  }

  /** Replace rows in place: `change` answers the new row, or the same one to leave it. */
  update(change: (row: Row, index: number) => Row): void {
    for (const [page, entry] of this.#pages) {
      const rows = entry.rows.map((row, offset) => change(row, page * this.pageSize + offset));
      if (rows.some((row, offset) => row !== entry.rows[offset])) entry.rows = rows;
    }
  }
}
