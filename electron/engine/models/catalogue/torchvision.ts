/**
 * @file Weights of torchvision.
 *
 * Source: torchvision 0.28, models/resnet.py: `_metrics`, `_ops` and `_file_size` (MiB) of `ResNeXt*_Weights`. The
 * first eight digits of a file's SHA-256 stand in its name, as torch.hub.download_url_to_file(check_hash) wants it.
 */
import { architectureFacts, type ArchitectureName } from './architectures.ts';
import { idPart, type KnownWeights } from './known-weights.ts';

const site = 'https://download.pytorch.org/models';
const source = 'https://github.com/pytorch/vision/blob/main/torchvision/models/resnet.py';

type Row = readonly [
  architecture: ArchitectureName,
  version: 'V1' | 'V2',
  file: string,
  top1: number,
  top5: number,
  mebibytes: number,
  preprocess: 'torchvision-v1' | 'torchvision-v2',
];

const rows: readonly Row[] = [
  ['ResNeXt50_32x4d', 'V1', 'resnext50_32x4d-7cdf4587.pth', 0.77618, 0.93698, 95.789, 'torchvision-v1'],
  ['ResNeXt50_32x4d', 'V2', 'resnext50_32x4d-1a0047aa.pth', 0.81198, 0.9534, 95.833, 'torchvision-v2'],
  ['ResNeXt101_32x8d', 'V1', 'resnext101_32x8d-8ba56ff5.pth', 0.79312, 0.94526, 339.586, 'torchvision-v1'],
  ['ResNeXt101_32x8d', 'V2', 'resnext101_32x8d-110c445d.pth', 0.82834, 0.96228, 339.673, 'torchvision-v2'],
  // The first and only weights of this one, but resized to 232 as the second ones of the others.
  ['ResNeXt101_64x4d', 'V1', 'resnext101_64x4d-173b62eb.pth', 0.83246, 0.96454, 319.318, 'torchvision-v2'],
];

export const torchvision: readonly KnownWeights[] = rows.map(
  ([architecture, version, file, top1, top5, mebibytes, preprocess]) => {
    const { parameterCount, macCount } = architectureFacts(architecture, 224);
    return {
      id: `torchvision.${idPart(architecture)}-${version.toLowerCase()}`,
      publishedName: file.replace(/\.pth$/, ''),
      title: `${architecture} · torchvision ${version}`,
      origin: 'torchvision',
      architecture,
      top1,
      top5,
      parameterCount,
      macCount,
      inputSide: 224,
      preprocess,
      sizeBytes: Math.round(mebibytes * 1024 ** 2),
      sha256: null,
      sha256Prefix: /-([0-9a-f]{8})\.pth$/.exec(file)?.[1] ?? null,
      licence: 'BSD-3-Clause',
      nonCommercial: false,
      url: `${site}/${file}`,
      source,
    };
  },
);
