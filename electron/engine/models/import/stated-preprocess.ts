/** @file Preprocessing as a `config.json` beside the weights states it: timm's on Hugging Face. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { Preprocess } from '#core/preprocess.ts';

const maxBytes = 1024 * 1024;
const channels = z.tuple([z.number(), z.number(), z.number()]);

/** Source: timm `pretrained_cfg`, as in the config.json of its repositories. */
const configSchema = z.object({
  pretrained_cfg: z.object({
    input_size: z.tuple([z.literal(3), z.int().min(8).max(4096), z.int().min(8).max(4096)]),
    crop_pct: z.number().min(0.1).max(1),
    crop_mode: z.string().optional(),
    interpolation: z.enum(['bicubic', 'bilinear']),
    mean: channels,
    std: channels.refine((std) => std.every((value) => value > 0)),
  }),
});

/** @returns null when there is none, or it says nothing we can follow to the letter */
export async function statedPreprocess(folder: string): Promise<Preprocess | null> {
  const path = join(folder, 'config.json');
  const size = await stat(path).then(
    (stats) => (stats.isFile() ? stats.size : maxBytes + 1),
    () => maxBytes + 1,
  );
  if (size > maxBytes) return null;
  const text = await readFile(path, 'utf8').catch(() => '');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = configSchema.safeParse(json);
  if (!parsed.success) return null;
  const { input_size: size3, crop_pct: share, crop_mode: mode = 'center', ...config } = parsed.data.pretrained_cfg;
  const [, height, width] = size3;
  if (height !== width || mode !== 'center') return null;
  return {
    fit: 'short-side',
    // Source: timm/data/transforms_factory.py, floor(size / crop_pct).
    shortSide: Math.floor(height / share),
    cropWidth: width,
    cropHeight: height,
    kernel: config.interpolation === 'bicubic' ? 'cubic' : 'linear',
    antialias: true,
    rounding: 'torchvision',
    channels: 'rgb',
    mean: config.mean,
    std: config.std,
  };
}
