/**
 * @file What pycocotools and FiftyOne need from a COCO file, as a list of broken rules.
 *
 * pycocotools: `createIndex`, `getAnnIds`, `getCatIds`, `info`, `loadRes`; FiftyOne: `COCODetectionDatasetImporter`.
 */
interface CocoFile {
  info: unknown;
  licenses: unknown;
  categories: { id: number; name: string; supercategory: string }[];
  images: { id: number; file_name: string; width: number; height: number }[];
  annotations: {
    id: number;
    image_id: number;
    category_id: number;
    bbox: number[];
    area: number;
    iscrowd: number;
    segmentation: unknown[];
    score?: number;
    attributes: { source: string; reviewed: boolean; rank: number };
  }[];
}

export function parseCoco(text: string): CocoFile {
  return JSON.parse(text) as CocoFile;
}

/** @returns one sentence for each broken rule; none when the file is fine */
export function brokenRules(file: CocoFile): string[] {
  const broken: string[] = [];
  const rule = (holds: boolean, sentence: string) => void (holds || broken.push(sentence));
  const contiguous = (items: { id: number }[]) => items.every(({ id }, index) => id === index + 1);

  rule(typeof file.info === 'object' && file.info !== null, 'info is an object');
  rule(Array.isArray(file.licenses), 'licenses is a list');
  rule(contiguous(file.categories), 'category ids count from 1');
  rule(contiguous(file.images), 'image ids count from 1');
  rule(contiguous(file.annotations), 'annotation ids count from 1');
  for (const { name, supercategory } of file.categories) {
    rule(typeof name === 'string' && typeof supercategory === 'string', 'a category has a name and a supercategory');
  }
  for (const { file_name, width, height } of file.images) {
    rule(typeof file_name === 'string' && width > 0 && height > 0, 'an image has a file name and a size');
  }
  for (const annotation of file.annotations) {
    const image = file.images[annotation.image_id - 1];
    rule(image !== undefined, 'an annotation belongs to an image of the file');
    rule(file.categories[annotation.category_id - 1] !== undefined, 'an annotation has a category of the file');
    const box = [0, 0, image?.width, image?.height];
    rule(JSON.stringify(annotation.bbox) === JSON.stringify(box), 'the box is the whole image');
    rule(annotation.area === (image?.width ?? 0) * (image?.height ?? 0), 'the area is that of the box');
    rule(annotation.iscrowd === 0 && Array.isArray(annotation.segmentation), 'iscrowd and segmentation are there');
    const { score } = annotation;
    rule(score === undefined || (score >= 0 && score <= 1), 'a score lies in [0, 1]');
  }
  return broken;
}
