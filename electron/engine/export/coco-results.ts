/**
 * @file COCO results: the list of detections that pycocotools' `loadRes` takes beside a COCO file of the same dataset.
 *
 * Pictures and categories are numbered as in our COCO export with the same choices, so the two files belong together.
 * `loadRes` knows only boxes, so each label is one around the whole picture; a decision counts with score 1.
 */
import type { FileExporter } from './exporter.ts';
import { jsonEntries, jsonScore } from './json-text.ts';

export const cocoResults: FileExporter = {
  id: 'coco-results',
  title: 'COCO results',
  extension: 'json',
  target: 'file',
  absolutePaths: false,
  *write(source) {
    const numberOf = new Map<number, number>();
    for (const { id } of source.categories()) numberOf.set(id, numberOf.size + 1);

    function* results() {
      let imageId: number | undefined;
      let imageNumber = 0;
      for (const row of source.rows({ size: 'known' })) {
        if (row.imageId !== imageId) {
          imageId = row.imageId;
          imageNumber++;
        }
        const category = row.categoryId === null ? undefined : numberOf.get(row.categoryId);
        if (category === undefined) {
          yield '';
          continue;
        }
        const box = `"bbox":[0,0,${row.width},${row.height}]`;
        const score = row.score === null ? '1' : jsonScore(row.score);
        yield `{"image_id":${imageNumber},"category_id":${category},${box},"score":${score}}`;
      }
    }
    yield* jsonEntries('[', results(), ']\n');
  },
};
