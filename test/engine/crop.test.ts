import { readdirSync, readFileSync } from 'node:fs';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { preprocessPreset } from '../../electron/core/preprocess-presets.ts';
import { resizePlan } from '../../electron/core/resize-plan.ts';
import { decodeCrop } from '../../electron/engine/crop.ts';
import { openPicture } from '../../electron/engine/decode.ts';
import { cropOf, difference, outcomeOf } from '../support/decoded.ts';
import { fixture, nameOf, oddCopies, samplePhotos, truncated, turnedCopy } from '../support/pictures.ts';
import { resampled } from '../support/resampled.ts';

/** Preset by folder of references. */
const presets = {
  'torchvision-v1': 'torchvision-v1',
  'torchvision-v2': 'torchvision-v2',
  'timm-a1h': 'timm:resnext50_32x4d.a1h_in1k',
  paddleclas: 'paddleclas',
};

const references = Object.entries(presets).flatMap(([folder, preset]) =>
  readdirSync(fixture('reference', folder)).map((file) => ({ folder, preset, photo: file.replace('.webp', '') })),
);

/** Bytes of a picture at full size. */
async function pixelsOf(bytes: Buffer): Promise<{ rgb: Buffer; width: number; height: number }> {
  const { data: rgb, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  return { rgb, width: info.width, height: info.height };
}

/** A photo in another size, whatever its proportions. */
function enlarged(photo: string, width: number, height: number, format: 'jpeg' | 'png'): Promise<Buffer> {
  const larger = sharp(readFileSync(photo)).resize(width, height, { fit: 'cover' });
  return format === 'jpeg' ? larger.jpeg({ quality: 90 }).toBuffer() : larger.png({ compressionLevel: 1 }).toBuffer();
}

describe('the crop', () => {
  test.each(references)('of $photo is that of $folder', async ({ folder, preset, photo }) => {
    const reference = await sharp(readFileSync(fixture('reference', folder, `${photo}.webp`)))
      .raw()
      .toBuffer();
    const crop = await cropOf(readFileSync(fixture('photos', `${photo}.jpg`)), photo, preset);

    // PaddleClas' is sampled by ourselves: nothing but the JPEG decoder may differ.
    expect(difference(crop, reference)).toBeLessThanOrEqual(preset === 'paddleclas' ? 0.1 : 0.3);
  });

  test('of a transparent picture lies on white', async () => {
    const clear = sharp({ create: { width: 300, height: 300, channels: 4, background: '#00000000' } });
    const bytes = await clear.png().toBuffer();

    for (const preset of Object.values(presets)) expect([...new Set(await cropOf(bytes, 'x', preset))]).toEqual([255]);
  });

  test('of an animated GIF is its first frame', async () => {
    const frames = ['#ff0000', '#0000ff'].map((background) =>
      sharp({ create: { width: 64, height: 64, channels: 3, background } })
        .png()
        .toBuffer(),
    );
    const animation = await sharp(await Promise.all(frames), { join: { animated: true } })
      .gif()
      .toBuffer();

    for (const preset of ['torchvision-v1', 'paddleclas']) {
      const crop = await cropOf(animation, 'x', preset);
      expect([crop[0], crop[2]]).toEqual([255, 0]);
    }
  });

  test.each(samplePhotos.slice(0, 2))('has three channels and the same look whatever the format: %s', async (photo) => {
    for (const { name, bytes, plain } of await oddCopies(photo)) {
      for (const preset of ['torchvision-v1', 'paddleclas']) {
        const wanted = await cropOf(plain, 'x', preset);
        expect.soft(difference(await cropOf(bytes, name, preset), wanted), name).toBeLessThanOrEqual(1);
      }
    }
  });

  test.each([2, 3, 4, 5, 6, 7, 8])(
    'of a picture stored with orientation %i is that of the upright one',
    async (turn) => {
      for (const photo of samplePhotos.slice(0, 2)) {
        const upright = await turnedCopy(photo, 1, 'png');
        const turned = await turnedCopy(photo, turn, 'png');
        expect.soft(difference(await cropOf(turned), await cropOf(upright)), nameOf(photo)).toBeLessThan(0.5);
        // Turned before it is sampled: not a bit of difference.
        const sampled = await cropOf(upright, 'x', 'paddleclas');
        expect.soft(difference(await cropOf(turned, 'x', 'paddleclas'), sampled), nameOf(photo)).toBe(0);
      }
    },
  );

  test('has the size that the rule says', async () => {
    const rule = { ...preprocessPreset('torchvision-v1')!, shortSide: 64, cropWidth: 48, cropHeight: 32 };
    const open = () => openPicture(readFileSync(samplePhotos[0]!), 'jpeg');

    expect((await decodeCrop(await open(), { ...rule, kernel: 'lanczos3' })).length).toBe(48 * 32 * 3);
    expect((await decodeCrop(await open(), { ...rule, antialias: false })).length).toBe(48 * 32 * 3);
  });

  test('that is stretched shows the whole picture', async () => {
    const stripes = await sharp(Buffer.from(Array.from({ length: 30 }, (_, at) => (at % 10 < 3 ? 255 : 0))), {
      raw: { width: 10, height: 1, channels: 3 },
    })
      .resize(1000, 200, { kernel: 'nearest', fit: 'fill' })
      .png()
      .toBuffer();
    const rule = { ...preprocessPreset('torchvision-v1')!, fit: 'stretch' as const, cropWidth: 40, cropHeight: 80 };
    const whole = await pixelsOf(
      await sharp(stripes).resize(40, 80, { fit: 'fill', kernel: 'nearest' }).png().toBuffer(),
    );

    for (const antialias of [true, false]) {
      const crop = await decodeCrop(await openPicture(stripes, 'png'), { ...rule, antialias });
      expect(difference(crop, whole.rgb)).toBeLessThan(12);
      expect(crop.length).toBe(40 * 80 * 3);
    }
  });
});

describe('antialias by its definition', () => {
  test.each(references.filter(({ preset }) => preset !== 'paddleclas'))(
    'is what $folder makes of $photo',
    async ({ folder, preset, photo }) => {
      const { kernel, ...rule } = preprocessPreset(preset)!;
      const { rgb, ...size } = await pixelsOf(readFileSync(fixture('photos', `${photo}.jpg`)));
      const reference = await pixelsOf(readFileSync(fixture('reference', folder, `${photo}.webp`)));
      const plan = resizePlan(size.width, size.height, rule);

      expect(difference(resampled(rgb, size, plan, kernel as 'linear' | 'cubic'), reference.rgb)).toBeLessThan(0.01);
    },
  );

  // The sides of the first three are no multiples of what a JPEG decoder would shrink them by.
  test.each([
    [2048, 1365, 'jpeg'],
    [1600, 1067, 'jpeg'],
    [2102, 3150, 'jpeg'],
    [2048, 1366, 'png'],
    [3072, 2048, 'jpeg'],
    [1920, 1080, 'jpeg'],
  ] as const)('is kept to within a level in a photo of %i × %i (%s)', async (width, height, format) => {
    const bytes = await enlarged(samplePhotos.at(-1)!, width, height, format);
    const { rgb } = await pixelsOf(bytes);
    for (const preset of ['torchvision-v1', 'timm:resnext50_32x4d.a1h_in1k']) {
      const { kernel, ...rule } = preprocessPreset(preset)!;
      const plan = resizePlan(width, height, rule);
      const wanted = resampled(rgb, { width, height }, plan, kernel as 'linear' | 'cubic');
      expect.soft(difference(await cropOf(bytes, 'x', preset), wanted), preset).toBeLessThanOrEqual(1);
    }
  });

  test('is kept in a turned photo whose sides would not shrink evenly', async () => {
    const lying = await enlarged(samplePhotos[0]!, 2047, 1365, 'jpeg');
    const turned = await sharp(lying).withMetadata({ orientation: 6 }).jpeg({ quality: 100 }).toBuffer();
    const upright = await sharp(turned).autoOrient().png({ compressionLevel: 1 }).toBuffer();

    expect(difference(await cropOf(turned), await cropOf(upright))).toBeLessThan(0.3);
  });
});

describe('a photo that is sampled', () => {
  test('is refused when it ends early, even where only pixels outside the crop are missing', async () => {
    for (const [at, photo] of samplePhotos.entries()) {
      const jpeg = readFileSync(photo);
      const png = await sharp(jpeg).resize(200).png().toBuffer();
      const progressive = await sharp(jpeg).jpeg({ progressive: true }).toBuffer();
      for (const [format, bytes] of Object.entries({ jpeg, png, progressive })) {
        for (const share of [0.001, 0.05, 0.2 + at / 20, 0.6, 0.9, 0.97]) {
          const outcome = await outcomeOf(truncated(bytes, share), 'x', 'paddleclas');
          expect.soft(outcome, `${nameOf(photo)} ${format} ${share}`).toMatch(/^image\./);
        }
      }
    }
  });

  test('is refused or whole without its last bytes', async () => {
    const whole = await cropOf(readFileSync(samplePhotos[0]!), 'x', 'paddleclas');
    for (let missing = 1; missing <= 20; missing++) {
      const outcome = await outcomeOf(readFileSync(samplePhotos[0]!).subarray(0, -missing), 'x', 'paddleclas');
      if (typeof outcome !== 'string') expect.soft(difference(outcome, whole), `${missing} bytes`).toBe(0);
    }
  });

  test('gets the same codes for bombs and damage as any other', async () => {
    for (const kind of ['bombs', 'truncated-png', 'bitflip-png']) {
      for (const name of readdirSync(fixture('corpus', kind))) {
        const bytes = readFileSync(fixture('corpus', kind, name));
        const outcomes = [await outcomeOf(bytes, name), await outcomeOf(bytes, name, 'paddleclas')];
        const [resized, sampled] = outcomes.map((outcome) => (typeof outcome === 'string' ? outcome : 'pixels'));
        expect.soft(sampled, name).toBe(resized);
      }
    }
  });

  test('may be a strip, from which only the middle is kept', async () => {
    const strip = await enlarged(samplePhotos[0]!, 9000, 300, 'jpeg');
    const upright = await enlarged(samplePhotos[0]!, 300, 9000, 'jpeg');

    expect((await cropOf(strip, 'x', 'paddleclas')).length).toBe(224 * 224 * 3);
    expect((await cropOf(upright, 'x', 'paddleclas')).length).toBe(224 * 224 * 3);
  });
});
