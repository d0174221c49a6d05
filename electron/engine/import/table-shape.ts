/** @file What a table looks like: encoding, delimiter, header, and which column is which. */
import { basename } from 'node:path';
import { AppError } from '#core/errors.ts';
import { tableDelimiters, type TableMapping, type TableShape } from '#core/label-import.ts';
import type { ImportBeginning } from './importer.ts';
import { findColumns, hasHeader, knownNameCount } from './table-columns.ts';
import { tableRecords } from './table-records.ts';
import { encodingOf, type TextEncoding } from './table-text.ts';

/** What is looked at: so many lines, or so many letters of them. */
const sampleLines = 100;
const sampleLetters = 1_000_000;
const shownColumns = 100;
const shownExamples = 3;
const shownLetters = 80;

/**
 * @param table  as a person wants it read; what does not fit the file (columns it has not) is found anew
 * @throws {AppError} 'input.invalid' for an empty file and one with a single column, and as `tableRecords`
 */
export async function shapeOf(beginning: ImportBeginning, table: TableMapping | null): Promise<TableShape> {
  const encoding = table?.encoding ?? (await encodingOf(beginning.path, beginning.bytes));
  const delimiter = table?.delimiter ?? (await delimiterOf(beginning, encoding));
  const records = await sample(beginning.path, encoding, delimiter);
  if (records.length === 0) {
    throw new AppError('input.invalid', `${basename(beginning.path)} is empty`, {
      details: { path: beginning.path, reason: 'empty' },
    });
  }
  const count = Math.max(...records.map((cells) => cells.length));
  const mapping = table && fits(table, count) ? table : found(beginning.path, records, table, { encoding, delimiter });
  const rows = mapping.header ? records.slice(1) : records;
  const titles = mapping.header ? records[0]! : [];
  return {
    mapping,
    columns: Array.from({ length: Math.min(shownColumns, count) }, (_, column) => ({
      name: titleOf(titles, column),
      examples: rows
        .map((cells) => cells[column] ?? '')
        .filter((cell) => cell !== '')
        .slice(0, shownExamples)
        .map((cell) => cell.slice(0, shownLetters).toWellFormed()),
    })),
  };
}

/** The header's; equal ones are numbered, and those without one, too. */
function titleOf(titles: readonly string[], column: number): string {
  const title = titles[column]?.trim().slice(0, shownLetters).toWellFormed() ?? '';
  if (title === '') return `Column ${column + 1}`;
  const before = titles.slice(0, column).filter((other) => other.trim() === titles[column]!.trim()).length;
  return before === 0 ? title : `${title} (${before + 1})`;
}

function fits({ file, label, score, review, folder }: TableMapping, count: number): boolean {
  return [file, label, score, review, folder].every((column) => (column ?? 0) < count);
}

function found(
  path: string,
  records: readonly string[][],
  table: TableMapping | null,
  text: Pick<TableMapping, 'encoding' | 'delimiter'>,
): TableMapping {
  const columns = findColumns(records, table?.header ?? hasHeader(records));
  if (columns) return { ...text, ...columns };
  throw new AppError('input.invalid', `${basename(path)} has one column; a table of labels has at least two`, {
    details: { path, reason: 'one-column' },
  });
}

async function sample(path: string, encoding: TextEncoding, delimiter: TableMapping['delimiter']) {
  const records: string[][] = [];
  let letters = 0;
  for await (const { cells } of tableRecords(path, { encoding, delimiter })) {
    for (const cell of cells) letters += cell.length;
    if (records.push(cells) === sampleLines || letters > sampleLetters) break;
  }
  return records;
}

/** The one that makes known names of columns; else that makes lines of equal length; else the first in their order. */
async function delimiterOf(
  { path, text }: ImportBeginning,
  encoding: TextEncoding,
): Promise<TableMapping['delimiter']> {
  let best: { delimiter: TableMapping['delimiter']; worth: number } = { delimiter: ',', worth: 0 };
  for (const delimiter of tableDelimiters) {
    if (!text.includes(delimiter)) continue;
    // Quotes may seem wrong where the delimiter is; if it is the right one, reading says so.
    const records = await sample(path, encoding, delimiter).catch(() => []);
    const [first] = records;
    if (!first || first.length < 2) continue;
    const alike = records.filter((cells) => cells.length === first.length).length / records.length;
    const worth = knownNameCount(first) + alike;
    if (worth > best.worth) best = { delimiter, worth };
  }
  return best.delimiter;
}
