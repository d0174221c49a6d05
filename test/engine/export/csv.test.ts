import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csv, csvScores } from '../../../electron/engine/export/csv.ts';
import { anyRows, carried } from './any-rows.ts';
import { categories, dataOptions, exportSource, mixedRows, spreadsheetOptions } from './source.ts';

const text = (rows = mixedRows, options = dataOptions) => [...csv.write(exportSource(rows), options)].join('');

test('the data dialect gives the golden file', async () => {
  await expect(text()).toMatchFileSnapshot('../../fixtures/golden/mixed.csv');
});

test('the spreadsheet dialect gives the golden file', async () => {
  await expect(text(mixedRows, spreadsheetOptions)).toMatchFileSnapshot('../../fixtures/golden/mixed-spreadsheet.csv');
});

test('the scores of all categories are columns behind the others', async () => {
  const written = [...csvScores.write(exportSource(mixedRows), dataOptions)].join('');
  await expect(written).toMatchFileSnapshot('../../fixtures/golden/mixed-scores.csv');
});

test('each picture has its own scores, whatever is predicted and decided', () => {
  fc.assert(
    fc.property(anyRows, (rows) => {
      const written = [...csvScores.write(exportSource(rows), dataOptions)].join('');
      const records: string[][] = parse(written);
      const predicted = rows.filter(({ origin }) => origin === 'prediction');
      const used = categories.filter(({ id }) => predicted.some(({ categoryId }) => categoryId === id));
      expect(records.map((cells) => cells.slice(10))).toEqual([
        used.map(({ name }) => `score:${name}`),
        ...rows.map(({ imageId }) =>
          used.map(({ id }) => {
            const own = predicted.findLast((one) => one.imageId === imageId && one.categoryId === id);
            return own ? own.score!.toFixed(6) : '';
          }),
        ),
      ]);
    }),
  );
});

test('columns come in the promised order, rank only when there can be several', () => {
  const header = (topK: number) => text([], { ...dataOptions, topK });
  expect(header(1)).toBe('file_name,source,width,height,status,error,review,label,score\r\n');
  expect(header(5)).toBe('file_name,source,width,height,status,error,review,label,score,rank\r\n');
});

test('a decision has no score, a prediction six digits of it', () => {
  const records = parse<Record<string, string>>(text(), { columns: true });
  expect(records.map(({ score }) => score)).toEqual(['0.812346', '0.100000', '', '', '', '']);
});

test('any rows come back from a CSV reader', () => {
  fc.assert(
    fc.property(anyRows, (rows) => {
      const records = parse<Record<string, string>>(text(rows), { columns: true });
      const expected = rows.map(({ fileName, label, width }) => ({
        file_name: carried(fileName).replaceAll('\0', '\ufffd'),
        label,
        width: String(width ?? ''),
      }));
      expect(records.map(({ file_name, label, width }) => ({ file_name, label, width }))).toEqual(expected);
    }),
  );
});
