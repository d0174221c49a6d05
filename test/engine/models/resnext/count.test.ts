import { expect, test } from 'vitest';
import { countResnext } from '../../../../electron/engine/models/resnext/count.ts';
import { parseArchitecture } from '../../../../electron/engine/models/resnext/names.ts';

/** Name, GFLOPs, M Params. Source: PaddleClas docs/zh_CN/models/ImageNet1k/README.md. */
const paddleclas = [
  ['ResNeXt50_32x4d', 4.26, 25.1],
  ['ResNeXt50_vd_32x4d', 4.5, 25.12],
  ['ResNeXt50_64x4d', 8.02, 45.29],
  ['ResNeXt50_vd_64x4d', 8.26, 45.31],
  ['ResNeXt101_32x4d', 8.01, 44.32],
  ['ResNeXt101_vd_32x4d', 8.25, 44.33],
  ['ResNeXt101_64x4d', 15.52, 83.66],
  ['ResNeXt101_vd_64x4d', 15.76, 83.68],
  ['ResNeXt152_32x4d', 11.76, 60.15],
  ['ResNeXt152_vd_32x4d', 12.01, 60.17],
  ['ResNeXt152_64x4d', 23.03, 115.27],
  ['ResNeXt152_vd_64x4d', 23.27, 115.29],
] as const;

test.each(paddleclas)('%s counts as its row in the table of PaddleClas says', (name, gigaflops, millions) => {
  const { parameterCount, storedCount, macCount } = countResnext(parseArchitecture(name)!, 224);

  // Their Params hold the running statistics, too.
  expect(Number((storedCount / 1e6).toFixed(2))).toBe(millions);
  expect(parameterCount).toBeLessThan(storedCount);
  // Their FLOPs count two for each normalized value besides the multiply-accumulates.
  expect(Math.abs(macCount / 1e9 / gigaflops - 1)).toBeLessThan(0.01);
});

/** Source: torchvision 0.28 (`num_params`, `_ops` of the weights) and timm 1.0.29 (`model.parameters()`). */
test.each([
  ['resnext50_32x4d', 25_028_904, 4.23],
  ['resnext101_32x8d', 88_791_336, 16.414],
  ['resnext101_64x4d', 83_455_272, 15.46],
  ['resnext50d_32x4d', 25_048_136, null],
  ['resnext101_32x4d', 44_177_704, null],
  ['resnext101_32x16d', 194_026_792, null],
])('%s has the parameters that torchvision and timm count', (name, parameters, gigaMacs) => {
  const { parameterCount, macCount } = countResnext(parseArchitecture(name)!, 224);

  expect(parameterCount).toBe(parameters);
  if (gigaMacs !== null) expect(Math.abs(macCount / 1e9 - gigaMacs)).toBeLessThan(0.001);
});

test('fewer classes are fewer parameters, and larger pictures more work', () => {
  const architecture = parseArchitecture('ResNeXt50_32x4d')!;
  const full = countResnext(architecture, 224);
  const ten = countResnext({ ...architecture, classCount: 10 }, 448);

  expect(full.parameterCount - ten.parameterCount).toBe(990 * 2049);
  expect((ten.macCount - 10 * 2048) / (full.macCount - 1000 * 2048)).toBe(4);
});
