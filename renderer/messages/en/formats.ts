/** @file What formats of exports and imports are called, by their ids, in English. */

export const formats = {
  formats: {
    csv: 'CSV table',
    'csv-scores': 'CSV table, scores of all categories',
    jsonl: 'JSON Lines',
    parquet: 'Parquet table',
    coco: 'COCO JSON',
    'coco-results': 'COCO results',
    fiftyone: 'FiftyOne labels.json',
    'label-studio': 'Label Studio tasks',
    cvat: 'CVAT for images 1.1',
    'cvat-imagenet': 'CVAT ImageNet 1.0',
    'class-folders': 'Class folders (torchvision, Ultralytics)',
    imagefolder: 'Hugging Face imagefolder',
    'image-list': 'PaddleClas or ImageNet list',
    'image-lists': 'PaddleClas and ImageNet lists',
    'image-sets': 'Pascal VOC image sets',
    'labelme-flags': 'X-AnyLabeling and labelme flags',
    xmp: 'Keywords (XMP)',
  } as Record<string, string>,
};
