/** @file What formats of exports and imports are called, by their ids, in Simplified Chinese. */
import type { formats as english } from '../en/formats.ts';

export const formats: typeof english = {
  formats: {
    csv: 'CSV 表格',
    'csv-scores': 'CSV 表格（含所有类别的分数）',
    jsonl: 'JSON Lines（每行一条）',
    parquet: 'Parquet 表格',
    coco: 'COCO 标注（JSON）',
    'coco-results': 'COCO 结果（JSON）',
    fiftyone: 'FiftyOne 标签（labels.json）',
    'label-studio': 'Label Studio 任务',
    cvat: 'CVAT 图像 1.1',
    'cvat-imagenet': 'CVAT ImageNet 1.0 格式',
    'class-folders': '类别文件夹（torchvision、Ultralytics）',
    imagefolder: 'Hugging Face 图片文件夹',
    'image-list': 'PaddleClas 或 ImageNet 列表（单个文件）',
    'image-lists': 'PaddleClas 与 ImageNet 列表',
    'image-sets': 'Pascal VOC 图像集',
    'labelme-flags': 'X-AnyLabeling 与 labelme 标记',
    xmp: '关键词（XMP）',
  },
};
