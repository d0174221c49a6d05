/** @file Where each picture of a long list lies, and which of them are on the screen. Pixels throughout. */

/** Browsers stop laying out at about 16.7 million pixels; beyond this the scroll bar is scaled. */
const maxScrollHeight = 8_000_000;

export interface GridGeometry {
  columns: number;
  rowCount: number;
  /** Side of a square cell. */
  cell: number;
  /** From one row or column to the next. */
  pitch: number;
  /** Height of all rows with padding. */
  fullHeight: number;
  /** Height of the scrolled element; smaller than `fullHeight` for very long lists. */
  scrollHeight: number;
  padding: number;
}

/** @param size  the wanted cell side; cells stretch to fill the row */
export function gridGeometry(width: number, total: number, size: number, gap = 8, padding = 12): GridGeometry {
  const room = Math.max(size, width - 2 * padding);
  const columns = Math.max(1, Math.floor((room + gap) / (size + gap)));
  const cell = Math.floor((room - gap * (columns - 1)) / columns);
  const rowCount = Math.ceil(total / columns);
  const pitch = cell + gap;
  const fullHeight = rowCount === 0 ? 0 : rowCount * pitch - gap + 2 * padding;
  return { columns, rowCount, cell, pitch, fullHeight, scrollHeight: Math.min(fullHeight, maxScrollHeight), padding };
}

/** How far the content is moved up when the scroll bar stands at `scrollTop`. */
export function contentOffset(geometry: GridGeometry, scrollTop: number, viewport: number): number {
  const scrollRange = geometry.scrollHeight - viewport;
  if (geometry.scrollHeight === geometry.fullHeight || scrollRange <= 0) return scrollTop;
  return (Math.min(scrollTop, scrollRange) / scrollRange) * (geometry.fullHeight - viewport);
}

/** The inverse of {@link contentOffset}. */
export function scrollTopFor(geometry: GridGeometry, offset: number, viewport: number): number {
  const range = geometry.fullHeight - viewport;
  const clamped = Math.max(0, Math.min(offset, range));
  if (geometry.scrollHeight === geometry.fullHeight || range <= 0) return clamped;
  return (clamped / range) * (geometry.scrollHeight - viewport);
}

/** Rows on the screen and `overscan` more on both sides; `to` is exclusive. */
export function visibleRows(
  geometry: GridGeometry,
  offset: number,
  viewport: number,
  overscan = 2,
): { from: number; to: number } {
  const first = Math.floor((offset - geometry.padding) / geometry.pitch);
  const last = Math.floor((offset + viewport - geometry.padding) / geometry.pitch);
  return {
    from: Math.max(0, Math.min(geometry.rowCount, first - overscan)),
    to: Math.max(0, Math.min(geometry.rowCount, last + 1 + overscan)),
  };
}

/** At least as many as {@link visibleRows} ever names for this height, and the same for every offset. */
export function slotCount(geometry: GridGeometry, viewport: number, overscan = 2): number {
  return Math.floor(viewport / geometry.pitch) + 2 + 2 * overscan;
}

/** Top of a row within the content. */
export function rowTop(geometry: GridGeometry, row: number): number {
  return geometry.padding + row * geometry.pitch;
}

/** The smallest move of the content that shows the whole row; the present offset when it is shown already. */
export function offsetToShow(geometry: GridGeometry, row: number, offset: number, viewport: number): number {
  const top = rowTop(geometry, row) - geometry.padding;
  const bottom = rowTop(geometry, row) + geometry.cell + geometry.padding;
  if (top < offset) return top;
  if (bottom > offset + viewport) return Math.min(top, bottom - viewport);
  return offset;
}

export type Direction = 'left' | 'right' | 'up' | 'down' | 'page-up' | 'page-down' | 'home' | 'end';

/** Where the focus goes; it stays inside the list, and in its column when a last row is short. */
export function moveFocus(
  index: number,
  direction: Direction,
  columns: number,
  total: number,
  pageRows: number,
): number {
  if (total === 0) return -1;
  const jump = { up: -columns, down: columns, 'page-up': -columns * pageRows, 'page-down': columns * pageRows };
  switch (direction) {
    case 'left':
      return Math.max(0, index - 1);
    case 'right':
      return Math.min(total - 1, index + 1);
    case 'home':
      return 0;
    case 'end':
      return total - 1;
    default: {
      const target = index + jump[direction];
      if (target >= 0 && target < total) return target;
      if (direction === 'up' || direction === 'page-up') return direction === 'up' ? index : index % columns;
      const lastRow = Math.floor((total - 1) / columns);
      // Below a full row there may be a short last one: go to its end rather than nowhere.
      return Math.floor(index / columns) < lastRow ? Math.min(total - 1, lastRow * columns + (index % columns)) : index;
    }
  }
}
