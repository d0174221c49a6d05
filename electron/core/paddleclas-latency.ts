/**
 * @file How fast PaddleClas says its ResNeXts are, to stand beside what this machine needs.
 *
 * Milliseconds for one batch of 1, 4 and 8 pictures on an NVIDIA V100 with TensorRT in FP32, 2,000 runs after 100.
 * Source: PaddleClas docs/zh_CN/models/ImageNet1k/README.md, table "ResNeXt".
 */
export const paddleclasLatency: Readonly<Record<string, readonly [one: number, four: number, eight: number]>> = {
  ResNeXt50_32x4d: [5.07, 8.49, 12.02],
  ResNeXt50_vd_32x4d: [5.29, 8.68, 12.33],
  ResNeXt50_64x4d: [9.39, 13.97, 20.56],
  ResNeXt50_vd_64x4d: [9.75, 14.14, 20.84],
  ResNeXt101_32x4d: [11.34, 16.78, 22.8],
  ResNeXt101_vd_32x4d: [11.36, 17.01, 23.07],
  ResNeXt101_64x4d: [21.57, 28.08, 39.49],
  ResNeXt101_vd_64x4d: [21.57, 28.22, 39.7],
  ResNeXt152_32x4d: [17.14, 25.11, 33.79],
  ResNeXt152_vd_32x4d: [16.99, 25.29, 33.85],
  ResNeXt152_64x4d: [33.07, 42.05, 59.13],
  ResNeXt152_vd_64x4d: [33.3, 42.41, 59.42],
};
