import { expect, test } from 'vitest';
import { preprocessSchema } from '../../electron/contract/model-calls.ts';
import { preprocessPreset, presetNames } from '../../electron/core/preprocess-presets.ts';
import { imagenetMean, imagenetStd } from '../../electron/core/preprocess.ts';

/** 'short side → crop, kernel', as `create_transform(**resolve_data_config(cfg, use_test_size=…))` of timm 1.0.29 has it. */
const timm: Record<string, [string, string?]> = {
  'resnext26ts.ra2_in1k': ['284 → 256 cubic', '288 → 288 cubic'],
  'resnext50_32x4d.a1_in1k': ['235 → 224 cubic', '288 → 288 cubic'],
  'resnext50_32x4d.a1h_in1k': ['235 → 224 cubic', '288 → 288 cubic'],
  'resnext50_32x4d.a2_in1k': ['235 → 224 cubic', '288 → 288 cubic'],
  'resnext50_32x4d.a3_in1k': ['168 → 160 cubic', '235 → 224 cubic'],
  'resnext50_32x4d.fb_ssl_yfcc100m_ft_in1k': ['256 → 224 linear'],
  'resnext50_32x4d.fb_swsl_ig1b_ft_in1k': ['256 → 224 linear'],
  'resnext50_32x4d.gluon_in1k': ['256 → 224 cubic'],
  'resnext50_32x4d.ra_in1k': ['256 → 224 cubic', '303 → 288 cubic'],
  'resnext50_32x4d.tv2_in1k': ['201 → 176 linear', '232 → 224 linear'],
  'resnext50_32x4d.tv_in1k': ['256 → 224 linear'],
  'resnext50d_32x4d.bt_in1k': ['256 → 224 cubic', '303 → 288 cubic'],
  'resnext101_32x4d.fb_ssl_yfcc100m_ft_in1k': ['256 → 224 linear'],
  'resnext101_32x4d.fb_swsl_ig1b_ft_in1k': ['256 → 224 linear'],
  'resnext101_32x4d.gluon_in1k': ['256 → 224 cubic'],
  'resnext101_32x8d.fb_ssl_yfcc100m_ft_in1k': ['256 → 224 linear'],
  'resnext101_32x8d.fb_swsl_ig1b_ft_in1k': ['256 → 224 linear'],
  'resnext101_32x8d.fb_wsl_ig1b_ft_in1k': ['256 → 224 linear'],
  'resnext101_32x8d.tv2_in1k': ['201 → 176 linear', '232 → 224 linear'],
  'resnext101_32x8d.tv_in1k': ['256 → 224 linear'],
  'resnext101_32x16d.fb_ssl_yfcc100m_ft_in1k': ['256 → 224 linear'],
  'resnext101_32x16d.fb_swsl_ig1b_ft_in1k': ['256 → 224 linear'],
  'resnext101_32x16d.fb_wsl_ig1b_ft_in1k': ['256 → 224 linear'],
  'resnext101_32x32d.fb_wsl_ig1b_ft_in1k': ['256 → 224 linear'],
  'resnext101_64x4d.c1_in1k': ['235 → 224 cubic', '288 → 288 cubic'],
  'resnext101_64x4d.gluon_in1k': ['256 → 224 cubic'],
  'resnext101_64x4d.tv_in1k': ['256 → 224 linear'],
};

function words(name: string): string | undefined {
  const preset = preprocessPreset(name);
  return preset && `${preset.shortSide} → ${preset.cropWidth} ${preset.kernel}`;
}

test.each(Object.entries(timm))('the preset of timm’s %s is what timm makes of it', (tag, [usual, larger]) => {
  expect(words(`timm:${tag}`)).toBe(usual);
  const variants = presetNames.filter((name) => name.startsWith(`timm:${tag}@`));
  expect(variants.map(words)).toEqual(larger === undefined ? [] : [larger]);
});

test('there is a preset for every plain ResNeXt of timm, and no other', () => {
  const tags = presetNames
    .filter((name) => name.startsWith('timm:') && !name.includes('@'))
    .map((name) => name.slice(5));

  expect(tags.toSorted()).toEqual(Object.keys(timm).toSorted());
});

test('the presets of torchvision and PaddleClas differ in what their libraries do differently', () => {
  expect(preprocessPreset('torchvision-v1')).toMatchObject({
    shortSide: 256,
    cropWidth: 224,
    cropHeight: 224,
    kernel: 'linear',
    antialias: true,
    rounding: 'torchvision',
  });
  expect(preprocessPreset('torchvision-v2')).toEqual({ ...preprocessPreset('torchvision-v1'), shortSide: 232 });
  expect(preprocessPreset('paddleclas')).toEqual({
    ...preprocessPreset('torchvision-v1'),
    antialias: false,
    rounding: 'paddleclas',
  });
  expect(preprocessPreset('paddleclas@320')).toMatchObject({ shortSide: 320, cropWidth: 320, antialias: false });
});

test('every preset is one that a manifest may have, with the statistics of ImageNet', () => {
  for (const name of presetNames) {
    const preset = preprocessPreset(name);
    expect.soft(preprocessSchema.parse(preset), name).toEqual(preset);
    expect
      .soft(preset, name)
      .toMatchObject({ fit: 'short-side', channels: 'rgb', mean: imagenetMean, std: imagenetStd });
  }
});

test('an unknown name has no preset', () => {
  expect(preprocessPreset('timm:resnext50_32x4d')).toBeUndefined();
  expect(preprocessPreset('constructor')).toBeUndefined();
});
