import { expect, test } from 'vitest';
import { AppError } from '../../electron/core/errors.ts';
import { allocateValues, pixelWriter, type PixelFormat } from '../../electron/core/pixel-values.ts';
import { imagenetMean, imagenetStd } from '../../electron/core/preprocess.ts';

const imagenet: PixelFormat = {
  type: 'float32',
  layout: 'NCHW',
  channels: 'rgb',
  mean: imagenetMean,
  std: imagenetStd,
};
const value = (byte: number, channel: number) => (byte / 255 - imagenetMean[channel]!) / imagenetStd[channel]!;
/** A red and a blueish pixel. */
const twoPixels = Uint8Array.of(200, 10, 20, 30, 128, 255);

/** The two pixels in the second row of a tensor of two rows. */
function written(changes: Partial<PixelFormat>): number[] {
  const format = { ...imagenet, ...changes };
  const target = allocateValues(format.type, 2 * 6);
  pixelWriter(format)(twoPixels, target, 1);
  expect([...target.subarray(0, 6)]).toEqual([0, 0, 0, 0, 0, 0]);
  return [...target.subarray(6)];
}

function closeTo(values: number[]): unknown[] {
  return values.map((wanted) => expect.closeTo(wanted, 5) as unknown);
}

test('bytes become planar values, normalized per channel', () => {
  expect(written({})).toEqual(
    closeTo([value(200, 0), value(30, 0), value(10, 1), value(128, 1), value(20, 2), value(255, 2)]),
  );
});

test('an NHWC tensor keeps the channels of a pixel together', () => {
  expect(written({ layout: 'NHWC' })).toEqual(
    closeTo([value(200, 0), value(10, 1), value(20, 2), value(30, 0), value(128, 1), value(255, 2)]),
  );
});

test('a BGR tensor begins with blue, and so do its mean and deviation', () => {
  const bgr: Partial<PixelFormat> = { channels: 'bgr', mean: [0.406, 0.456, 0.485], std: [0.225, 0.224, 0.229] };

  expect(written({ ...bgr, layout: 'NHWC' })).toEqual(
    closeTo([value(20, 2), value(10, 1), value(200, 0), value(255, 2), value(128, 1), value(30, 0)]),
  );
  expect(written({ ...bgr, layout: 'NCHW' })).toEqual(
    closeTo([value(20, 2), value(255, 2), value(10, 1), value(128, 1), value(200, 0), value(30, 0)]),
  );
});

test('a uint8 tensor takes the bytes as they are, whatever mean and deviation', () => {
  expect(written({ type: 'uint8' })).toEqual([200, 30, 10, 128, 20, 255]);
  expect(written({ type: 'uint8', layout: 'NHWC', channels: 'bgr' })).toEqual([20, 10, 200, 255, 128, 30]);
});

test('a range of −1 to 1 is a mean and a deviation of one half', () => {
  const half = [0.5, 0.5, 0.5] as const;
  const target = new Float32Array(3);
  pixelWriter({ ...imagenet, mean: half, std: half })(Uint8Array.of(0, 255, 51), target, 0);

  expect([...target]).toEqual(closeTo([-1, 1, -0.6]));
});

test('PaddleClas’ scale of 0.00392157 gives the same tensor to 1e-5, in its own single precision', () => {
  const { fround } = Math;
  const allBytes = Uint8Array.from({ length: 256 * 3 }, (_, index) => Math.floor(index / 3));
  const target = new Float32Array(256 * 3);
  pixelWriter(imagenet)(allBytes, target, 0);

  let largest = 0;
  for (let channel = 0; channel < 3; channel++) {
    for (let byte = 0; byte < 256; byte++) {
      // (img.astype('float32') * scale - mean) / std, each a float32
      const scaled = fround(fround(byte * fround(0.00392157)) - fround(imagenetMean[channel]!));
      const theirs = fround(scaled / fround(imagenetStd[channel]!));
      largest = Math.max(largest, Math.abs(target[channel * 256 + byte]! - theirs));
    }
  }
  expect(largest).toBeLessThan(1e-5);
  expect(largest).toBeGreaterThan(0);
});

test('a row that does not fit is refused', () => {
  const write = pixelWriter(imagenet);

  expect(() => write(new Uint8Array(6), new Float32Array(6), 1)).toThrow(AppError);
  expect(() => write(new Uint8Array(5), new Float32Array(6), 0)).toThrow(AppError);
});
