import { expect, test } from 'vitest';
import { previewExport } from '../../../electron/engine/export/exporter.ts';
import { exporterFor, exporters } from '../../../electron/engine/export/index.ts';
import { brokenRules, parseCoco } from './coco-rules.ts';
import { dataOptions, exportSource, fileExporter, mixedRows } from './source.ts';

const known = [
  'csv',
  'csv-scores',
  'jsonl',
  'parquet',
  'coco',
  'coco-results',
  'fiftyone',
  'label-studio',
  'cvat',
  'class-folders',
  'cvat-imagenet',
  'imagefolder',
  'image-lists',
  'image-sets',
  'labelme-flags',
  'xmp',
];

test('each format is found by its id, and ids are unique', () => {
  expect(exporters.map(({ id }) => exporterFor(id).id)).toEqual(known);
});

test('an unknown format is refused and the known ones are named', () => {
  expect(() => exporterFor('xml')).toThrow(
    expect.objectContaining({ code: 'not-found', details: { format: 'xml', known } }),
  );
});

test('a CSV preview is the first rows of the file', () => {
  const source = exportSource(mixedRows);
  const whole = [...fileExporter('csv').write(source, dataOptions)].join('');
  const preview = previewExport(exporterFor('csv'), source, dataOptions, 2);
  expect(whole.startsWith(preview)).toBe(true);
  expect(preview.split('\r\n')).toHaveLength(4);
});

test('a preview of score columns is a whole small table of its pictures', () => {
  const preview = previewExport(exporterFor('csv-scores'), exportSource(mixedRows), dataOptions, 1);
  expect(preview.split('\r\n')).toEqual([
    'file_name,source,width,height,status,error,review,label,score,rank,score:dog,"score:=sum, ""the"" cat"',
    '"walk/dog, wet.jpg",/photos/spring,640,480,done,,unreviewed,dog,0.812346,1,0.812346,0.100000',
    '',
  ]);
});

test('a COCO preview is a complete small file', () => {
  const file = parseCoco(previewExport(exporterFor('coco'), exportSource(mixedRows), dataOptions, 2));
  expect(brokenRules(file)).toEqual([]);
  expect(file.annotations).toHaveLength(2);
});

test('a preview reads no further than it shows', () => {
  let read = 0;
  const rows = function* () {
    for (const row of mixedRows) {
      read++;
      yield row;
    }
  };
  previewExport(exporterFor('csv'), exportSource(mixedRows, { rows }), dataOptions, 2);
  expect(read).toBe(2);
});
