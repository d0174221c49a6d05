/**
 * @file timm's weights as ONNX, by deepghs on Hugging Face: batches of any size, with features.
 *
 * Source: the file lists of that repository's commits; `input` [N, 3, H, W], outputs `embedding`, `logits`, `output`.
 * Its ResNeXt-26ts is another architecture and not here.
 */
import { idPart, type KnownWeights } from './known-weights.ts';
import { architectures, type ArchitectureName } from './architectures.ts';
import { timm } from './timm.ts';

const repository = 'https://huggingface.co/deepghs/timms';

const names: ReadonlySet<string> = new Set([
  'resnext50_32x4d.a1h_in1k',
  'resnext50_32x4d.ra_in1k',
  'resnext50_32x4d.tv_in1k',
  'resnext50_32x4d.tv2_in1k',
  'resnext101_32x4d.gluon_in1k',
  'resnext101_64x4d.c1_in1k',
  'resnext101_32x8d.tv_in1k',
  'resnext101_32x8d.fb_wsl_ig1b_ft_in1k',
  'resnext101_32x8d.fb_swsl_ig1b_ft_in1k',
]);

export const deepghs: readonly KnownWeights[] = timm
  .filter(({ publishedName }) => names.has(publishedName))
  .map((original) => {
    const { parameterCount, statisticCount } = architectures[original.architecture as ArchitectureName];
    return {
      ...original,
      id: `deepghs.${idPart(original.publishedName)}`,
      title: `${original.title}, ONNX by deepghs`,
      origin: 'deepghs',
      // An export folds the BatchNorms: of their four numbers a channel one is left.
      sizeBytes: (parameterCount - statisticCount / 2) * 4,
      url: `${repository}/resolve/main/${original.publishedName}/model.onnx`,
    };
  });
