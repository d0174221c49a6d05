import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { preprocessPreset } from '../../electron/core/preprocess-presets.ts';
import { resizePlan, type ResizePlan } from '../../electron/core/resize-plan.ts';
import { turnOf, type Rectangle, type Size } from '../../electron/engine/orientation.ts';
import { sampleCrop, sampledArea } from '../../electron/engine/sample.ts';
import { fixture, seededRandom } from '../support/pictures.ts';

interface Case extends Size {
  seed: number;
  resized: Size;
  crop: ResizePlan['crop'];
  sha256: string;
}

const { bilinear } = JSON.parse(readFileSync(fixture('reference', 'exact.json'), 'utf8')) as { bilinear: Case[] };

function noise(seed: number, { width, height }: Size): Uint8Array {
  const random = seededRandom(seed);
  return Uint8Array.from({ length: width * height * 3 }, () => Math.floor(random() * 256));
}

const upright = turnOf(1);

function cutOut(rgb: Uint8Array, size: Size, { left, top, width, height }: Rectangle): Uint8Array {
  const part = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    const start = ((top + row) * size.width + left) * 3;
    part.set(rgb.subarray(start, start + width * 3), row * width * 3);
  }
  return part;
}

test.each(
  bilinear.map((one) => [`${one.width} × ${one.height} → ${one.resized.width} × ${one.resized.height}`, one] as const),
)('noise of %s is sampled as by OpenCV, to the bit', (_, { seed, width, height, resized, crop, sha256 }) => {
  const picture = noise(seed, { width, height });
  const sampled = sampleCrop(picture, { left: 0, top: 0, width, height }, { width, height }, upright, {
    ...resized,
    crop,
  });

  expect(createHash('sha256').update(sampled).digest('hex')).toBe(sha256);
});

test('nothing outside of the sampled area is looked at', () => {
  const side = fc.integer({ min: 1, max: 300 });
  fc.assert(
    fc.property(side, side, fc.integer({ min: 8, max: 200 }), (width, height, shortSide) => {
      const rule = { ...preprocessPreset('paddleclas')!, shortSide, cropWidth: 8, cropHeight: 8 };
      const plan = resizePlan(width, height, rule);
      const size = { width, height };
      const area = sampledArea(size, plan);
      const picture = noise(shortSide, size);

      expect(area.left).toBeGreaterThanOrEqual(0);
      expect(area.top).toBeGreaterThanOrEqual(0);
      expect(area.left + area.width).toBeLessThanOrEqual(width);
      expect(area.top + area.height).toBeLessThanOrEqual(height);
      const whole = sampleCrop(picture, { left: 0, top: 0, ...size }, size, upright, plan);
      expect(sampleCrop(cutOut(picture, size, area), area, size, upright, plan)).toEqual(whole);
    }),
    { numRuns: 60 },
  );
});

test('a picture that is not resized keeps its pixels', () => {
  const size = { width: 256, height: 300 };
  const picture = noise(1, size);
  const crop = { left: 16, top: 38, width: 224, height: 224 };
  const sampled = sampleCrop(picture, { left: 0, top: 0, ...size }, size, upright, { ...size, crop });

  expect(Buffer.compare(sampled, cutOut(picture, size, crop))).toBe(0);
});
