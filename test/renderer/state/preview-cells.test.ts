import { expect, test } from 'vitest';
import { csvRecord, byteOrderMark } from '#core/csv.ts';
import { previewCells } from '../../../renderer/state/preview-cells.ts';

test('what the exporter writes comes back cell by cell', () => {
  const rows = [
    ['file_name', 'label'],
    ['a, "b".jpg', 'two\nlines'],
    ['', ''],
  ];

  expect(previewCells(byteOrderMark + rows.map((row) => csvRecord(row)).join(''))).toEqual(rows);
});

test('a last line that is cut off still shows', () => {
  expect(previewCells('a,b\r\n1,2')).toEqual([
    ['a', 'b'],
    ['1', '2'],
  ]);
});
