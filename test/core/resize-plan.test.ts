import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { preprocessPreset } from '../../electron/core/preprocess-presets.ts';
import { resizePlan, type ResizeRule } from '../../electron/core/resize-plan.ts';
import { fixture } from '../support/pictures.ts';

const side = fc.integer({ min: 1, max: 20_000 });
const rounding = fc.constantFrom<ResizeRule['rounding'][]>('torchvision', 'paddleclas');
const torchvision = preprocessPreset('torchvision-v1')!;
const paddleclas = preprocessPreset('paddleclas')!;

test('the crop lies inside the resized picture, whose short side is as asked', () => {
  const shortSide = fc.integer({ min: 16, max: 512 });
  fc.assert(
    fc.property(side, side, shortSide, fc.integer({ min: 1, max: 16 }), rounding, (w, h, short, less, by) => {
      const crop = short - less + 1;
      const rule: ResizeRule = { fit: 'short-side', shortSide: short, cropWidth: crop, cropHeight: crop, rounding: by };
      const plan = resizePlan(w, h, rule);
      expect(Math.min(plan.width, plan.height)).toBe(short);
      expect(plan.crop.left).toBeGreaterThanOrEqual(0);
      expect(plan.crop.top).toBeGreaterThanOrEqual(0);
      expect(plan.crop.left + plan.crop.width).toBeLessThanOrEqual(plan.width);
      expect(plan.crop.top + plan.crop.height).toBeLessThanOrEqual(plan.height);
    }),
  );
});

test('a picture on its side gets the plan on its side', () => {
  fc.assert(
    fc.property(side, side, rounding, (w, h, by) => {
      const upright = resizePlan(w, h, { ...torchvision, rounding: by });
      const lying = resizePlan(h, w, { ...torchvision, rounding: by });
      expect([lying.width, lying.height]).toEqual([upright.height, upright.width]);
      expect([lying.crop.left, lying.crop.top]).toEqual([upright.crop.top, upright.crop.left]);
    }),
  );
});

test('the long side is cut off and halves are rounded to even, as torchvision does', () => {
  // 640 × 427: 256 · 640 / 427 = 383.7; (383 − 224) / 2 = 79.5 goes to 80.
  expect(resizePlan(640, 427, torchvision)).toEqual({
    width: 383,
    height: 256,
    crop: { left: 80, top: 16, width: 224, height: 224 },
  });
  // (229 − 224) / 2 = 2.5 goes to 2.
  expect(resizePlan(229, 224, { ...torchvision, shortSide: 224 }).crop.left).toBe(2);
});

test('the long side is rounded half to even and offsets are cut off, as PaddleClas does', () => {
  // 640 × 427: 383.7 goes to 384. 451 × 300: (385 − 224) / 2 = 80.5 goes to 80.
  expect(resizePlan(640, 427, paddleclas)).toMatchObject({ width: 384, height: 256, crop: { left: 80, top: 16 } });
  expect(resizePlan(451, 300, paddleclas)).toMatchObject({ width: 385, crop: { left: 80 } });
  // 1023 / 2 = 511.5 and 1025 / 2 = 512.5 both go to 512.
  expect(resizePlan(1023, 512, paddleclas).width).toBe(512);
  expect(resizePlan(1025, 512, paddleclas).width).toBe(512);
});

test('sizes and offsets are those that Python computes, for a whole grid of pictures', () => {
  const { paddleclasPlans } = JSON.parse(readFileSync(fixture('reference', 'exact.json'), 'utf8')) as {
    paddleclasPlans: string;
  };
  const hash = createHash('sha256');
  for (let w = 1; w < 5000; w += 17) {
    for (let h = 1; h < 5000; h += 19) {
      const { width, height, crop } = resizePlan(w, h, paddleclas);
      hash.update(`${w} ${h} ${width} ${height} ${crop.left} ${crop.top}\n`);
    }
  }

  expect(hash.digest('hex')).toBe(paddleclasPlans);
});

test('a stretched picture becomes the crop, whatever its proportions', () => {
  const rule: ResizeRule = { ...torchvision, fit: 'stretch', shortSide: 1, cropWidth: 320, cropHeight: 160 };

  for (const [w, h] of [
    [640, 427],
    [10, 9000],
  ] as const) {
    expect(resizePlan(w, h, rule)).toEqual({
      width: 320,
      height: 160,
      crop: { left: 0, top: 0, width: 320, height: 160 },
    });
  }
});
