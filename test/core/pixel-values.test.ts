import { expect, test } from 'vitest';
import { AppError } from '../../electron/core/errors.ts';
import { normalizationTable, writePixelValues } from '../../electron/core/pixel-values.ts';

const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;

test('bytes become planar values, normalized per channel', () => {
  const target = new Float32Array(2 * 3 * 2);
  writePixelValues(Uint8Array.of(0, 128, 255, 255, 0, 128), normalizationTable(imagenet), target, 1);

  const value = (byte: number, channel: 0 | 1 | 2) => (byte / 255 - imagenet.mean[channel]) / imagenet.std[channel];
  const expected = [value(0, 0), value(255, 0), value(128, 1), value(0, 1), value(255, 2), value(128, 2)];
  expect([...target.subarray(0, 6)]).toEqual([0, 0, 0, 0, 0, 0]);
  expected.forEach((wanted, index) => expect(target[6 + index]).toBeCloseTo(wanted, 5));
});

test('a row that does not fit is refused', () => {
  const table = normalizationTable(imagenet);

  expect(() => writePixelValues(new Uint8Array(6), table, new Float32Array(6), 1)).toThrow(AppError);
  expect(() => writePixelValues(new Uint8Array(5), table, new Float32Array(6), 0)).toThrow(AppError);
});
