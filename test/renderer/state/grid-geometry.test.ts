import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  contentOffset,
  gridGeometry,
  moveFocus,
  offsetToShow,
  rowTop,
  scrollTopFor,
  slotCount,
  visibleRows,
} from '../../../renderer/state/grid-geometry.ts';

const viewport = 700;

test('as many columns as fit, stretched to fill the row', () => {
  const { columns, cell, rowCount } = gridGeometry(724, 10, 160);

  expect({ columns, cell, rowCount }).toEqual({ columns: 4, cell: 169, rowCount: 3 });
});

test('a window narrower than a cell still shows one column', () => {
  expect(gridGeometry(80, 10, 160)).toMatchObject({ columns: 1, cell: 160 });
});

test('an empty list has no height and no rows', () => {
  const geometry = gridGeometry(724, 0, 160);

  expect(geometry.scrollHeight).toBe(0);
  expect(visibleRows(geometry, 0, viewport)).toEqual({ from: 0, to: 0 });
});

test('rows on the screen never share a slot, wherever the list stands', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 200, max: 2000 }),
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.integer({ min: 96, max: 320 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (height, total, size, share) => {
        const geometry = gridGeometry(1200, total, size);
        const { from, to } = visibleRows(geometry, share * Math.max(0, geometry.fullHeight - height), height);
        const slots = slotCount(geometry, height);
        const taken = new Set(Array.from({ length: to - from }, (_, index) => (from + index) % slots));
        return taken.size === to - from;
      },
    ),
  );
});

test('few rows exist at once, however long the list is', () => {
  const geometry = gridGeometry(1200, 1_000_000, 96);

  for (const share of [0, 0.37, 1]) {
    const { from, to } = visibleRows(geometry, share * (geometry.fullHeight - viewport), viewport);
    expect((to - from) * geometry.columns).toBeLessThan(200);
  }
});

test('the scrolled element stays within what browsers lay out', () => {
  expect(gridGeometry(400, 5_000_000, 320).scrollHeight).toBeLessThan(16_000_000);
});

test('the end of the scroll bar is the end of the list, also when the bar is scaled', () => {
  for (const total of [500, 5_000_000]) {
    const geometry = gridGeometry(400, total, 320);
    const offset = contentOffset(geometry, geometry.scrollHeight - viewport, viewport);

    expect(offset).toBeCloseTo(geometry.fullHeight - viewport, 3);
    expect(visibleRows(geometry, offset, viewport).to).toBe(geometry.rowCount);
  }
});

test('scroll position and content offset are each other’s inverse', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 100, max: 3_000_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (total, share) => {
        const geometry = gridGeometry(700, total, 200);
        const offset = share * Math.max(0, geometry.fullHeight - viewport);

        expect(contentOffset(geometry, scrollTopFor(geometry, offset, viewport), viewport)).toBeCloseTo(offset, 2);
      },
    ),
  );
});

test('a row on the screen does not scroll, one outside scrolls just far enough', () => {
  const geometry = gridGeometry(724, 1000, 160);

  expect(offsetToShow(geometry, 1, 0, viewport)).toBe(0);
  const offset = offsetToShow(geometry, 10, 0, viewport);
  expect(rowTop(geometry, 10) + geometry.cell).toBeLessThanOrEqual(offset + viewport);
  expect(rowTop(geometry, 9)).toBeGreaterThan(offset);
  expect(offsetToShow(geometry, 0, offset, viewport)).toBe(0);
});

test('the focus moves by one, by a row, by a page, and stops at the ends', () => {
  const move = (index: number, direction: Parameters<typeof moveFocus>[1]) => moveFocus(index, direction, 4, 10, 2);

  expect([move(5, 'left'), move(5, 'right'), move(5, 'up'), move(5, 'down')]).toEqual([4, 6, 1, 9]);
  expect([move(0, 'left'), move(9, 'right'), move(1, 'up'), move(9, 'down')]).toEqual([0, 9, 1, 9]);
  expect([move(9, 'page-up'), move(1, 'page-down'), move(5, 'home'), move(5, 'end')]).toEqual([1, 9, 0, 9]);
});

test('down from above the gap of a short last row goes to its last picture', () => {
  expect(moveFocus(7, 'down', 4, 10, 2)).toBe(9);
});

test('in an empty list there is no focus', () => {
  expect(moveFocus(-1, 'right', 4, 0, 2)).toBe(-1);
});
