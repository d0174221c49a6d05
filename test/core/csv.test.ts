import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvRecord } from '../../electron/core/csv.ts';

describe('data dialect', () => {
  test('a record ends in CRLF and quotes only what must be quoted', () => {
    expect(csvRecord(['plain', 'a,b', 'say "hi"', 'two\nlines', 3, 0.5])).toBe(
      'plain,"a,b","say ""hi""","two\nlines",3,0.5\r\n',
    );
  });

  test('blanks at the ends are quoted, because some readers trim what is bare', () => {
    expect(csvRecord([' a', 'b ', 'c d'])).toBe('" a","b ",c d\r\n');
  });

  test('text that looks like a formula stays as it is', () => {
    expect(csvRecord(['=1+1', '-a.jpg'])).toBe('=1+1,-a.jpg\r\n');
  });

  test('lone surrogates and NUL become the replacement character', () => {
    expect(csvRecord(['a\ud800b', 'c\0d', '🌷'])).toBe('a\ufffdb,c\ufffdd,🌷\r\n');
  });

  test('any text comes back from a CSV reader', () => {
    const text = fc.string({ unit: 'binary' }).map((value) => value.replaceAll('\0', ''));
    fc.assert(
      fc.property(fc.array(text, { minLength: 2, maxLength: 6 }), (fields) => {
        const [record] = parse(csvRecord(fields), { bom: false });
        expect(record).toEqual(fields.map((field) => field.toWellFormed()));
      }),
    );
  });
});

describe('spreadsheet dialect', () => {
  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '＝1', '＋1', '－1', '＠a', ' =1', '\u00a0=1'])(
    '%j gets an apostrophe and quotes',
    (formula) => {
      expect(csvRecord([formula], 'spreadsheet')).toBe(`"'${formula}"\r\n`);
    },
  );

  test('numbers are never prefixed', () => {
    expect(csvRecord([-1.5], 'spreadsheet')).toBe('-1.5\r\n');
  });

  test('taking off one apostrophe gives every guarded text back', () => {
    const start = fc.constantFrom('', "'", "''", ' ', '=', "'=", '\n', '-');
    const text = fc.tuple(start, start, fc.string()).map((parts) => parts.join('').replaceAll('\0', ''));
    const guard = /^''*(?:[\t\r\n]|\s*[=+\-@＝＋－＠])/u;
    fc.assert(
      fc.property(text, (original) => {
        const [record] = parse(csvRecord(['x', original], 'spreadsheet'));
        const cell = record![1]!;
        expect(guard.test(cell) ? cell.slice(1) : cell).toBe(original.toWellFormed());
      }),
    );
  });

  test('no cell starts like a formula, whatever the text', () => {
    const text = fc.array(fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', ' ', '"', ',', ';', 'a'), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(text, (parts) => {
        const [record] = parse(csvRecord(['x', parts.join('')], 'spreadsheet'));
        expect(record![1]!.trimStart()).not.toMatch(/^[=+\-@]/);
      }),
    );
  });
});
