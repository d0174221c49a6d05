/** @file The preprocessing that published weights were evaluated with, by name. */
import { imagenetMean, imagenetStd, type Preprocess } from './preprocess.ts';

interface TimmConfig {
  /** Side of the square that goes into the model, pixels. */
  size: number;
  /** Share of the resized short side that the crop takes. */
  cropShare: number;
  kernel: 'linear' | 'cubic';
  /** The larger size at which the weights do better. */
  test?: { size: number; cropShare: number };
}

const sevenEighths = { size: 224, cropShare: 0.875 };
const test288 = { size: 288, cropShare: 1 };

/** The way of torchvision's first weights. */
const bilinear: TimmConfig = { ...sevenEighths, kernel: 'linear' };
const bicubic: TimmConfig = { ...sevenEighths, kernel: 'cubic' };
const bicubic288: TimmConfig = { ...bicubic, test: { size: 288, cropShare: 0.95 } };
/** The training recipes A1, A2 and C1. */
const recipe: TimmConfig = { size: 224, cropShare: 0.95, kernel: 'cubic', test: test288 };
const torchvision2: TimmConfig = {
  size: 176,
  cropShare: 0.875,
  kernel: 'linear',
  test: { size: 224, cropShare: 0.965 },
};

/**
 * Source: `default_cfgs` of timm/models/resnet.py (timm 1.0.29; `resnext26ts` in byobnet.py). All have ImageNet's
 * mean and standard deviation and `crop_mode` 'center'.
 */
const timmConfigs: Record<string, TimmConfig> = {
  'resnext50_32x4d.a1h_in1k': recipe,
  'resnext50_32x4d.a1_in1k': recipe,
  'resnext50_32x4d.a2_in1k': recipe,
  'resnext50_32x4d.a3_in1k': { size: 160, cropShare: 0.95, kernel: 'cubic', test: { size: 224, cropShare: 0.95 } },
  'resnext50_32x4d.ra_in1k': bicubic288,
  'resnext50_32x4d.tv_in1k': bilinear,
  'resnext50_32x4d.tv2_in1k': torchvision2,
  'resnext50_32x4d.gluon_in1k': bicubic,
  'resnext50_32x4d.fb_ssl_yfcc100m_ft_in1k': bilinear,
  'resnext50_32x4d.fb_swsl_ig1b_ft_in1k': bilinear,
  'resnext50d_32x4d.bt_in1k': bicubic288,
  'resnext101_32x4d.gluon_in1k': bicubic,
  'resnext101_32x4d.fb_ssl_yfcc100m_ft_in1k': bilinear,
  'resnext101_32x4d.fb_swsl_ig1b_ft_in1k': bilinear,
  'resnext101_32x8d.tv_in1k': bilinear,
  'resnext101_32x8d.tv2_in1k': torchvision2,
  'resnext101_32x8d.fb_wsl_ig1b_ft_in1k': bilinear,
  'resnext101_32x8d.fb_ssl_yfcc100m_ft_in1k': bilinear,
  'resnext101_32x8d.fb_swsl_ig1b_ft_in1k': bilinear,
  'resnext101_32x16d.fb_wsl_ig1b_ft_in1k': bilinear,
  'resnext101_32x16d.fb_ssl_yfcc100m_ft_in1k': bilinear,
  'resnext101_32x16d.fb_swsl_ig1b_ft_in1k': bilinear,
  'resnext101_32x32d.fb_wsl_ig1b_ft_in1k': bilinear,
  'resnext101_64x4d.c1_in1k': recipe,
  // 256 → 224 here, 232 → 224 with torchvision itself, for the same weights.
  'resnext101_64x4d.tv_in1k': bilinear,
  'resnext101_64x4d.gluon_in1k': bicubic,
  'resnext26ts.ra2_in1k': { size: 256, cropShare: 0.9, kernel: 'cubic', test: test288 },
};

/** What most of the presets have in common. */
const centreCrop = {
  fit: 'short-side',
  antialias: true,
  rounding: 'torchvision',
  channels: 'rgb',
  mean: imagenetMean,
  std: imagenetStd,
} as const satisfies Partial<Preprocess>;

/** Source: `ImageClassification` in torchvision/transforms/_presets.py: bilinear, antialiased, crop of 224. */
function torchvision(shortSide: number): Preprocess {
  return { ...centreCrop, shortSide, cropWidth: 224, cropHeight: 224, kernel: 'linear' };
}

/** Source: `transforms_imagenet_eval` in timm/data/transforms_factory.py: short side `floor(size / crop_pct)`. */
function timm(size: number, cropShare: number, kernel: 'linear' | 'cubic'): Preprocess {
  return { ...centreCrop, shortSide: Math.floor(size / cropShare), cropWidth: size, cropHeight: size, kernel };
}

/**
 * Source: PaddleClas deploy/configs/inference_cls.yaml and deploy/python/preprocess.py: `cv2.resize` with
 * `INTER_LINEAR`, which has no antialias. Its scale 0.00392157 and 1/255 differ by 1.4e-9.
 */
function paddleclas(shortSide: number, crop: number): Preprocess {
  return {
    ...centreCrop,
    shortSide,
    cropWidth: crop,
    cropHeight: crop,
    kernel: 'linear',
    antialias: false,
    rounding: 'paddleclas',
  };
}

const presets = new Map<string, Preprocess>([
  ['paddleclas', paddleclas(256, 224)],
  // Fix_ResNeXt101_32x48d_wsl. Source: the list of models in PaddleClas' README.
  ['paddleclas@320', paddleclas(320, 320)],
  // `resize_size` of the weights in torchvision/models/resnet.py; ResNeXt101_64X4D has 232 in its V1 already.
  ['torchvision-v1', torchvision(256)],
  ['torchvision-v2', torchvision(232)],
  ...Object.entries(timmConfigs).flatMap(([tag, { size, cropShare, kernel, test }]): [string, Preprocess][] => [
    [`timm:${tag}`, timm(size, cropShare, kernel)],
    ...(test ? [[`timm:${tag}@${test.size}`, timm(test.size, test.cropShare, kernel)] as [string, Preprocess]] : []),
  ]),
]);

/** 'paddleclas', 'torchvision-v1', 'torchvision-v2', 'timm:<tag>'; '@<pixels>' where weights have a second size. */
export const presetNames: readonly string[] = [...presets.keys()];

/** @returns undefined for a name that is not among {@link presetNames} */
export function preprocessPreset(name: string): Preprocess | undefined {
  return presets.get(name);
}
