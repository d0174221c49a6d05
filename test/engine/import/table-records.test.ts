import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tableDelimiters } from '#core/label-import.ts';
import { tableRecords } from '../../../electron/engine/import/table-records.ts';
import { withFile } from './entries.ts';

const recordsOf = (text: string, delimiter: (typeof tableDelimiters)[number]) =>
  withFile('x.csv', text, async ({ path }) => {
    const records: { line: number; cells: string[] }[] = [];
    for await (const record of tableRecords(path, { encoding: 'utf-8', delimiter })) records.push(record);
    return records;
  });

const cell = fc
  .array(fc.constantFrom('"', ',', ';', '\t', '|', '\r', '\n', '\r\n', ' ', 'a', 'é', '🌷', "'"), { maxLength: 6 })
  .map((parts) => parts.join(''));

test('any cells come back, wherever pieces of the file end, and lines are counted as an editor counts them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 20 }),
      fc.constantFrom(...tableDelimiters),
      fc.constantFrom('\r\n', '\n', '\r'),
      fc.integer({ min: 0, max: 40_000 }),
      fc.boolean(),
      async (rows, delimiter, lineEnd, length, isEnded) => {
        const all = [...rows, ['x', 'x'.repeat(32_000 + length)], ...rows];
        const lines = all.map((cells) => cells.map((text) => `"${text.replaceAll('"', '""')}"`).join(delimiter));
        const text = lines.join(lineEnd) + (isEnded ? lineEnd : '');
        const records = await recordsOf(text, delimiter);
        expect(records.map(({ cells }) => cells)).toEqual(all);
        const before = lines.slice(0, -1).join(lineEnd) + lineEnd;
        expect(records.at(-1)!.line).toBe((all.length > 1 ? before.match(/\r\n|\n|\r/g)!.length : 0) + 1);
      },
    ),
    { numRuns: 100 },
  );
});

test('what needs no quotes is read as csv-parse reads it', async () => {
  const bare = fc.stringMatching(/^[a-z "']{0,8}$/).filter((text) => !text.startsWith('"'));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(bare, { minLength: 2, maxLength: 4 }), { minLength: 1 }), async (rows) => {
      const text = rows.map((cells) => cells.join(',')).join('\n');
      const records = await recordsOf(text, ',');
      expect(records.map(({ cells }) => cells)).toEqual(
        parse(text, { relax_quotes: true, relax_column_count: true, skip_empty_lines: true }),
      );
    }),
    { numRuns: 100 },
  );
});

test('what follows a closing quote belongs to the cell', async () => {
  expect((await recordsOf('"a"b,c\n"","d""e"\n', ',')).map(({ cells }) => cells)).toEqual([
    ['ab', 'c'],
    ['', 'd"e'],
  ]);
});
