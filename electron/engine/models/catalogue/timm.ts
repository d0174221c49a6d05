/**
 * @file Weights of timm on Hugging Face.
 *
 * Source: timm 1.0.29, `pretrained_cfg` in models/resnet.py for names, input sizes and licences (`hf_hub_id` is the
 * repository, `model.safetensors` its file); results/results-imagenet.csv for accuracy, the row at the size the model is
 * used at here.
 */
import { architectureFacts, type ArchitectureName } from './architectures.ts';
import { idPart, nonCommercialLicence, type KnownWeights } from './known-weights.ts';

type Row = readonly [
  architecture: ArchitectureName,
  /** 'resnext50_32x4d.a1h_in1k' */
  name: string,
  top1: number,
  top5: number,
  /** Side of the input where it is not 224 pixels. */
  smaller?: 160 | 176,
];

const rows: readonly Row[] = [
  ['ResNeXt50_32x4d', 'resnext50_32x4d.a1h_in1k', 0.8114, 0.9532],
  ['ResNeXt50_32x4d', 'resnext50_32x4d.a1_in1k', 0.80526, 0.94458],
  ['ResNeXt50_32x4d', 'resnext50_32x4d.a2_in1k', 0.80444, 0.9463],
  ['ResNeXt50_32x4d', 'resnext50_32x4d.a3_in1k', 0.77732, 0.93314, 160],
  ['ResNeXt50_32x4d', 'resnext50_32x4d.ra_in1k', 0.798, 0.94608],
  ['ResNeXt50_32x4d', 'resnext50_32x4d.tv_in1k', 0.77632, 0.93674],
  ['ResNeXt50_32x4d', 'resnext50_32x4d.tv2_in1k', 0.79384, 0.94302, 176],
  ['ResNeXt50_32x4d', 'resnext50_32x4d.gluon_in1k', 0.79354, 0.94424],
  ['ResNeXt50_32x4d', 'resnext50_32x4d.fb_ssl_yfcc100m_ft_in1k', 0.80316, 0.95386],
  ['ResNeXt50_32x4d', 'resnext50_32x4d.fb_swsl_ig1b_ft_in1k', 0.82162, 0.96224],
  ['ResNeXt50_vd_32x4d', 'resnext50d_32x4d.bt_in1k', 0.79672, 0.94878],
  ['ResNeXt101_32x4d', 'resnext101_32x4d.gluon_in1k', 0.80336, 0.94908],
  ['ResNeXt101_32x4d', 'resnext101_32x4d.fb_ssl_yfcc100m_ft_in1k', 0.80936, 0.95732],
  ['ResNeXt101_32x4d', 'resnext101_32x4d.fb_swsl_ig1b_ft_in1k', 0.83268, 0.9676],
  ['ResNeXt101_64x4d', 'resnext101_64x4d.c1_in1k', 0.82446, 0.9592],
  ['ResNeXt101_64x4d', 'resnext101_64x4d.tv_in1k', 0.82978, 0.96252],
  ['ResNeXt101_64x4d', 'resnext101_64x4d.gluon_in1k', 0.8064, 0.95],
  ['ResNeXt101_32x8d', 'resnext101_32x8d.tv_in1k', 0.79308, 0.9453],
  ['ResNeXt101_32x8d', 'resnext101_32x8d.tv2_in1k', 0.8199, 0.95716, 176],
  ['ResNeXt101_32x8d', 'resnext101_32x8d.fb_wsl_ig1b_ft_in1k', 0.8272, 0.96624],
  ['ResNeXt101_32x8d', 'resnext101_32x8d.fb_ssl_yfcc100m_ft_in1k', 0.8162, 0.96036],
  ['ResNeXt101_32x8d', 'resnext101_32x8d.fb_swsl_ig1b_ft_in1k', 0.84276, 0.97188],
  ['ResNeXt101_32x16d', 'resnext101_32x16d.fb_wsl_ig1b_ft_in1k', 0.84164, 0.97188],
  ['ResNeXt101_32x16d', 'resnext101_32x16d.fb_ssl_yfcc100m_ft_in1k', 0.81856, 0.96084],
  ['ResNeXt101_32x16d', 'resnext101_32x16d.fb_swsl_ig1b_ft_in1k', 0.8334, 0.96844],
  ['ResNeXt101_32x32d', 'resnext101_32x32d.fb_wsl_ig1b_ft_in1k', 0.85098, 0.97442],
];

function weights([architecture, name, top1, top5, smaller]: Row): KnownWeights {
  const side = smaller ?? 224;
  const { parameterCount, statisticCount, macCount } = architectureFacts(architecture, side);
  const nonCommercial = name.includes('.fb_');
  const tag = name.slice(name.indexOf('.') + 1);
  return {
    id: `timm.${idPart(name)}`,
    publishedName: name,
    title: `${architecture} · timm ${tag}`,
    origin: 'timm',
    architecture,
    top1,
    top5,
    parameterCount,
    macCount,
    inputSide: side,
    preprocess: `timm:${name}`,
    sizeBytes: (parameterCount + statisticCount) * 4,
    sha256: null,
    sha256Prefix: null,
    licence: nonCommercial ? nonCommercialLicence : tag.startsWith('tv') ? 'BSD-3-Clause' : 'Apache-2.0',
    nonCommercial,
    url: `https://huggingface.co/timm/${name}/resolve/main/model.safetensors`,
    source: `https://huggingface.co/timm/${name}`,
  };
}

export const timm: readonly KnownWeights[] = rows.map(weights);
