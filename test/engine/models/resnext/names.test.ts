import { expect, test } from 'vitest';
import type { Architecture } from '../../../../electron/engine/models/resnext/architecture.ts';
import { architectureName, parseArchitecture } from '../../../../electron/engine/models/resnext/names.ts';

const resnext50: Architecture = {
  blocks: [3, 4, 6, 3],
  cardinality: 32,
  baseWidth: 4,
  stem: 'plain',
  stemChannels: [64],
  shortcut: 'convolution',
  classCount: 1000,
};
const vd = { stem: 'deep', stemChannels: [32, 32, 64], shortcut: 'pool' } as const;

test('names are those of PaddleClas', () => {
  expect(architectureName(resnext50)).toBe('ResNeXt50_32x4d');
  expect(architectureName({ ...resnext50, ...vd, cardinality: 64 })).toBe('ResNeXt50_vd_64x4d');
  expect(architectureName({ ...resnext50, blocks: [3, 4, 23, 3], baseWidth: 48, classCount: 7 })).toBe(
    'ResNeXt101_32x48d',
  );
  expect(architectureName({ ...resnext50, ...vd, blocks: [3, 8, 36, 3] })).toBe('ResNeXt152_vd_32x4d');
  expect(architectureName({ ...resnext50, blocks: [2, 2, 2, 2] })).toBe('ResNeXt26_32x4d');
});

test('what has no name of its own is spelled out', () => {
  expect(architectureName({ ...resnext50, blocks: [1, 1, 1, 1], cardinality: 8 })).toBe('ResNeXt[1,1,1,1]_8x4d');
  expect(architectureName({ ...resnext50, ...vd, shortcut: 'convolution' })).toBe('ResNeXt50_vc_32x4d');
  expect(architectureName({ ...resnext50, shortcut: 'pool' })).toBe('ResNeXt50_pool_32x4d');
  expect(architectureName({ ...resnext50, ...vd, stemChannels: [24, 32, 64] })).toBe(
    'ResNeXt50_stem[24,32,64]_pool_32x4d',
  );
});

test('every name that is written is read back as the same architecture', () => {
  for (const blocks of [
    [2, 2, 2, 2],
    [3, 4, 6, 3],
    [3, 4, 23, 3],
    [3, 8, 36, 3],
    [1, 2, 1, 12],
  ] as const) {
    for (const stemChannels of [[64], [32, 32, 64], [24, 32, 64]]) {
      for (const shortcut of ['convolution', 'pool'] as const) {
        const stem = stemChannels.length === 1 ? 'plain' : 'deep';
        const architecture = {
          ...resnext50,
          blocks,
          stem,
          stemChannels,
          shortcut,
          baseWidth: 16,
        } satisfies Architecture;
        expect(parseArchitecture(architectureName(architecture))).toEqual(architecture);
      }
    }
  }
});

test.each([
  ['resnext50_32x4d', 'ResNeXt50_32x4d'],
  ['resnext101_64x4d', 'ResNeXt101_64x4d'],
  ['resnext50_32x4d.a1h_in1k', 'ResNeXt50_32x4d'],
  ['timm/resnext101_32x8d.fb_wsl_ig1b_ft_in1k', 'ResNeXt101_32x8d'],
  ['resnext50d_32x4d.bt_in1k', 'ResNeXt50_vd_32x4d'],
  ['gluon_resnext101_32x4d', 'ResNeXt101_32x4d'],
  ['swsl_resnext101_32x16d', 'ResNeXt101_32x16d'],
  ['ResNeXt101_32x16d_wsl', 'ResNeXt101_32x16d'],
  ['Fix_ResNeXt101_32x48d_wsl', 'ResNeXt101_32x48d'],
])('%s is a %s', (name, expected) => {
  const architecture = parseArchitecture(name);

  expect(architecture && architectureName(architecture)).toBe(expected);
  expect(architecture?.classCount).toBe(1000);
});

test.each([
  'SE_ResNeXt50_32x4d',
  'seresnext50_32x4d',
  'resnext26ts',
  'ResNet50_vd',
  'resnext51_32x4d',
  'ResNeXt50_32x',
  'ResNeXt50_1x64d',
  'ResNeXt50_032x4d',
  'ResNeXt[3,4,6,3]_32x4d',
  'ResNeXt50_vd_pool_32x4d',
  'ResNeXt50_stem[32,32,64]_32x4d',
  'ResNeXt50_stem[24,32,48]_pool_32x4d',
  'ResNeXt[0,1,1,1]_32x4d',
  ' ResNeXt50_32x4d',
  '',
])('"%s" names no ResNeXt that can be built, or is another spelling of one', (name) => {
  expect(parseArchitecture(name)).toBeNull();
});
