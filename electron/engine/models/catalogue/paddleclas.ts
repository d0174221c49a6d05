/**
 * @file Weights of PaddleClas.
 *
 * Source: PaddleClas docs/zh_CN/models/ImageNet1k/README.md, tables "ResNeXt" and "ResNeXt101_wsl". Its "Params" count
 * the BatchNorms' running statistics too, its "FLOPs" are multiply-accumulates.
 */
import { idPart, nonCommercialLicence, type KnownWeights } from './known-weights.ts';

const site = 'https://paddle-imagenet-models-name.bj.bcebos.com/dygraph';
const source = 'https://github.com/PaddlePaddle/PaddleClas/blob/develop/docs/zh_CN/models/ImageNet1k/README.md';
const wslSource =
  'https://github.com/PaddlePaddle/PaddleClas/blob/develop/docs/zh_CN/models/ImageNet1k/ResNeXt101_wsl.md';

/** Name, top-1, top-5, 10⁹ multiply-accumulates, 10⁶ numbers. */
type Row = readonly [name: string, top1: number, top5: number, gigaMacs: number, megaParameters: number];

const rows: readonly Row[] = [
  ['ResNeXt50_32x4d', 0.7775, 0.9382, 4.26, 25.1],
  ['ResNeXt50_vd_32x4d', 0.7956, 0.9462, 4.5, 25.12],
  ['ResNeXt50_64x4d', 0.7843, 0.9413, 8.02, 45.29],
  ['ResNeXt50_vd_64x4d', 0.8012, 0.9486, 8.26, 45.31],
  ['ResNeXt101_32x4d', 0.7865, 0.9419, 8.01, 44.32],
  ['ResNeXt101_vd_32x4d', 0.8033, 0.9512, 8.25, 44.33],
  ['ResNeXt101_64x4d', 0.7835, 0.9452, 15.52, 83.66],
  ['ResNeXt101_vd_64x4d', 0.8078, 0.952, 15.76, 83.68],
  ['ResNeXt152_32x4d', 0.7898, 0.9433, 11.76, 60.15],
  ['ResNeXt152_vd_32x4d', 0.8072, 0.952, 12.01, 60.17],
  ['ResNeXt152_64x4d', 0.7951, 0.9471, 23.03, 115.27],
  ['ResNeXt152_vd_64x4d', 0.8108, 0.9534, 23.27, 115.29],
];

/** "Converted from the official weights" of Facebook, says their page, so Facebook's licence holds. */
const wslRows: readonly Row[] = [
  ['ResNeXt101_32x8d_wsl', 0.8255, 0.9674, 16.48, 88.99],
  ['ResNeXt101_32x16d_wsl', 0.8424, 0.9726, 36.26, 194.36],
  ['ResNeXt101_32x32d_wsl', 0.8497, 0.9759, 87.28, 469.12],
  ['ResNeXt101_32x48d_wsl', 0.8537, 0.9769, 153.57, 829.26],
  ['Fix_ResNeXt101_32x48d_wsl', 0.8626, 0.9797, 313.41, 829.26],
];

function weights([name, top1, top5, gigaMacs, megaParameters]: Row): KnownWeights {
  return {
    id: `paddleclas.${idPart(name)}`,
    publishedName: name,
    title: `${name} · PaddleClas`,
    origin: 'paddleclas',
    architecture: name.replace(/^Fix_|_wsl$/g, ''),
    top1,
    top5,
    parameterCount: Math.round(megaParameters * 1e6),
    macCount: Math.round(gigaMacs * 1e9),
    inputSide: 224,
    preprocess: 'paddleclas',
    sizeBytes: Math.round(megaParameters * 4e6),
    sha256: null,
    sha256Prefix: null,
    licence: 'Apache-2.0 (of PaddleClas; the weights have none of their own)',
    nonCommercial: false,
    url: `${site}/${name}_pretrained.pdparams`,
    source,
  };
}

function wslWeights(row: Row): KnownWeights {
  const licence = `${nonCommercialLicence} (of the weights by Facebook they were converted from)`;
  const plain = { ...weights(row), licence, nonCommercial: true, source: wslSource };
  // Fixed for 320 pixels, resized to exactly these. Source: the table's MACs; README of image_classification in
  // PaddlePaddle/models, "resize_short_size" of this one equals the side of its input.
  return row[0].startsWith('Fix_') ? { ...plain, inputSide: 320, preprocess: 'paddleclas@320' } : plain;
}

export const paddleclas: readonly KnownWeights[] = [...rows.map(weights), ...wslRows.map(wslWeights)];
