import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitted, fittedSize, pan, turned, zoomAt } from '../../../renderer/state/zoom.ts';

const stage = { width: 800, height: 600 };
const pixels = fc.integer({ min: -3000, max: 3000 });
const ratios = fc.double({ min: 0.1, max: 10, noNaN: true });

test('the point under the pointer stays there while zooming', () => {
  const before = { scale: 2, x: 30, y: -10 };
  const after = zoomAt(before, 1.5, 100, 40);

  const at = (zoom: typeof before, x: number) => (x - zoom.x) / zoom.scale;
  expect(at(after, 100)).toBeCloseTo(at(before, 100), 6);
});

test('zooming out ends at the fitted picture, in its middle', () => {
  expect(zoomAt({ scale: 1.2, x: 50, y: 5 }, 0.5, 10, 10)).toEqual(fitted);
});

test('a picture cannot be moved out of its stage', () => {
  expect(pan({ scale: 2, x: 0, y: 0 }, 10_000, -10_000, stage, stage)).toEqual({ scale: 2, x: 400, y: -300 });
});

test('a side that has room for the whole picture keeps it in the middle', () => {
  expect(pan({ scale: 3, x: 0, y: 0 }, 500, 500, stage, { width: 200, height: 600 })).toEqual({
    scale: 3,
    x: 0,
    y: 500,
  });
});

test('wherever a picture is moved, it covers its stage or lies in the middle', () => {
  const scales = fc.double({ min: 1, max: 12, noNaN: true });
  fc.assert(
    fc.property(ratios, scales, pixels, pixels, (ratio, scale, dx, dy) => {
      const picture = fittedSize(stage, ratio, 0);
      const { x, y } = pan({ scale, x: 0, y: 0 }, dx, dy, stage, picture);
      for (const [at, shown, room] of [
        [x, picture.width * scale, stage.width],
        [y, picture.height * scale, stage.height],
      ] as const) {
        if (shown <= room) expect(Math.abs(at)).toBe(0);
        else expect(shown / 2 - Math.abs(at)).toBeGreaterThanOrEqual(room / 2 - 1e-6);
      }
    }),
  );
});

test('a fitted picture touches its stage, keeps its shape, and changes its sides when it is turned', () => {
  fc.assert(
    fc.property(ratios, fc.integer({ min: 0, max: 3 }), (ratio, turns) => {
      const { width, height } = fittedSize(stage, ratio, turns);
      expect(width / height).toBeCloseTo(turns % 2 === 0 ? ratio : 1 / ratio, 6);
      expect(Math.max(width / stage.width, height / stage.height)).toBeCloseTo(1, 6);
    }),
  );
});

test('a picture of unknown size may fill its stage', () => {
  expect(fittedSize(stage, null, 1)).toEqual(stage);
});

test('four turns, or one each way, are none', () => {
  expect([0, 1, 2, 3].map((turns) => turned(turns, 1))).toEqual([1, 2, 3, 0]);
  expect([0, 1, 2, 3].map((turns) => turned(turned(turns, -1), 1))).toEqual([0, 1, 2, 3]);
});
