import { expect, test } from 'vitest';
import { fitted, pan, zoomAt } from '../../../renderer/state/zoom.ts';

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
  expect(pan({ scale: 2, x: 0, y: 0 }, 10_000, -10_000, 800, 600)).toEqual({ scale: 2, x: 400, y: -300 });
});
