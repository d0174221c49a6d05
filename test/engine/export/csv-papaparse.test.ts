import Papa from 'papaparse';
import { expect, test } from 'vitest';
import type { CsvDialect } from '#core/csv.ts';
import { csv } from '../../../electron/engine/export/csv.ts';
import { oddLabels, oddNames } from '../import/folder-trip.ts';
import { dataOptions, exportSource, row } from './source.ts';

const pictures = oddLabels.map((label, index) => {
  const fileName = oddNames[index % oddNames.length]!;
  return row({ imageId: index + 1, fileName, categoryId: index + 1, label, rank: 1, origin: 'decision' });
});

/** As an independent reader sees it. */
function readBack(dialect: CsvDialect): Record<string, string>[] {
  const text = [...csv.write(exportSource(pictures), { ...dataOptions, dialect })].join('');
  const { data, errors } = Papa.parse<Record<string, string>>(text, { header: true, skipEmptyLines: true });
  expect(errors).toEqual([]);
  return data;
}

/** What no CSV can carry. */
const carried = (text: string) => text.toWellFormed().replaceAll('\0', '\uFFFD');

test('Papa Parse reads every odd name and label of the data dialect as it is', () => {
  const data = readBack('data');
  expect(data.map(({ file_name: file, label }) => [file, label])).toEqual(
    pictures.map(({ fileName, label }) => [carried(fileName), carried(label)]),
  );
});

test('in the spreadsheet dialect nothing begins like a formula, and one apostrophe less is the original', () => {
  const data = readBack('spreadsheet');
  data.forEach(({ file_name: file, label }, index) => {
    for (const [text, original] of [
      [file!, carried(pictures[index]!.fileName)],
      [label!, carried(pictures[index]!.label)],
    ] as const) {
      expect(text).not.toMatch(/^\s*[=+\-@＝＋－＠]|^[\t\r\n]/);
      expect([text, text.replace(/^'/, '')]).toContain(original);
    }
  });
});
