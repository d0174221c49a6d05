import fc from 'fast-check';
import { expect, test } from 'vitest';
import { resizePlan } from '../../electron/core/resize-plan.ts';

const side = fc.integer({ min: 1, max: 20_000 });

test('the crop lies inside the resized picture, whose short side is as asked', () => {
  fc.assert(
    fc.property(side, side, fc.integer({ min: 16, max: 512 }), fc.integer({ min: 1, max: 16 }), (w, h, short, less) => {
      const cropSide = short - less + 1;
      const { width, height, crop } = resizePlan(w, h, { shortSide: short, width: cropSide, height: cropSide });
      expect(Math.min(width, height)).toBe(short);
      expect(crop.left).toBeGreaterThanOrEqual(0);
      expect(crop.top).toBeGreaterThanOrEqual(0);
      expect(crop.left + crop.width).toBeLessThanOrEqual(width);
      expect(crop.top + crop.height).toBeLessThanOrEqual(height);
    }),
  );
});

test('a picture on its side gets the plan on its side', () => {
  fc.assert(
    fc.property(side, side, (w, h) => {
      const upright = resizePlan(w, h, { shortSide: 256, width: 224, height: 224 });
      const lying = resizePlan(h, w, { shortSide: 256, width: 224, height: 224 });
      expect([lying.width, lying.height]).toEqual([upright.height, upright.width]);
      expect([lying.crop.left, lying.crop.top]).toEqual([upright.crop.top, upright.crop.left]);
    }),
  );
});

test('the long side is cut off and halves are rounded to even, as torchvision does', () => {
  // 640 × 427: 256 · 640 / 427 = 383.7; (383 − 224) / 2 = 79.5 goes to 80.
  expect(resizePlan(640, 427, { shortSide: 256, width: 224, height: 224 })).toEqual({
    width: 383,
    height: 256,
    crop: { left: 80, top: 16, width: 224, height: 224 },
  });
  // (229 − 224) / 2 = 2.5 goes to 2.
  expect(resizePlan(229, 224, { shortSide: 224, width: 224, height: 224 }).crop.left).toBe(2);
});
